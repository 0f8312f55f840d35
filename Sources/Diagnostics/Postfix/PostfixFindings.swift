import Core
import SettingsFile

/// The findings about one Postfix configuration. What is wrong at several services of master.cf is a finding for each,
/// with the command that corrects it there; what they have from main.cf is one.
struct PostfixFindings {
    let settings: Settings
    let setup: PostfixSetup
    let endpoint: Endpoint
    /// What the daemon knows of the companies; nil if that cannot be read.
    let routing: Routing?
    /// Every list of filters.
    let lists: [MilterList]

    init(settings: Settings, setup: PostfixSetup, endpoint: Endpoint, routing: Routing? = nil) {
        (self.settings, self.setup, self.endpoint, self.routing) = (settings, setup, endpoint, routing)
        lists = setup.milterLists
    }

    var all: [Finding] {
        [.ok(.postfixSetup, setup.queueDirectory), version] + smtpd + nonSMTPD + noMilters + milterMaps
            + messageSizeLimit + bareNewline + [recipientDelimiter] + bounces + [aliases] + results + filter
    }

    var smtpdServices: [PostfixSetup.Service] { setup.services(running: "smtpd") }
    /// Postfix's name for our filter.
    var name: String { setup.name(for: endpoint) }

    /// The lists with our filter in them.
    var uses: [MilterList] { lists.filter { $0.index(of: endpoint, setup) != nil } }

    /// Whether the service's own list has our filter, whatever some clients get.
    func hasFilter(_ service: PostfixSetup.Service) -> Bool {
        setup.milters("smtpd_milters", service).contains { setup.leads($0, of: service, to: endpoint) }
    }

    /// Our filter with the manual's settings, as one word of a list.
    func recommended(at service: PostfixSetup.Service?) -> String {
        let own = setup.milters(PostfixSetup.ownName, service)
        if own.count == 1, setup.leads(own[0], of: service, to: endpoint) { return "${\(PostfixSetup.ownName)}" }
        return recommendedLine
    }

    /// The same in full, for tables: Postfix puts nothing in the place of `$name` there.
    var recommendedLine: String { MilterReference(address: name, settings: Self.recommendedSettings).word }

    static let recommendedSettings = [
        "connect_timeout": "10s", "command_timeout": "30s", "content_timeout": "120s", "default_action": "tempfail",
    ]

    /// The word for a filter in a list that stands at this place.
    func word(_ milter: MilterReference, in list: MilterList) -> String {
        let own = setup.milters(PostfixSetup.ownName, list.service)
        return list.line == nil && own == [milter] ? "${\(PostfixSetup.ownName)}" : milter.word
    }

    func words(_ milters: [MilterReference], in list: MilterList) -> String {
        milters.map { word($0, in: list) }.joined(separator: ",")
    }

    /// One finding that all is well if there are no others.
    func or(_ ok: Finding, _ findings: [Finding]) -> [Finding] { findings.isEmpty ? [ok] : findings }
}
