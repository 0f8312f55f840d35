/// A list of filters that is in effect: at a service of master.cf, or for a client that smtpd_milter_maps names.
struct MilterList: Hashable, Sendable {
    /// `smtpd_milters` or `non_smtpd_milters`.
    let parameter: String
    let service: PostfixSetup.Service
    /// The line of smtpd_milter_maps, which stands in the place of the parameter.
    let line: MilterMapLine?
    let milters: [MilterReference]

    /// A service of users who log in; other mail comes from anywhere. Port 25 is for both, where main.cf lets users
    /// log in everywhere.
    var isSubmission: Bool {
        guard parameter == "smtpd_milters", service.values["smtpd_sasl_auth_enable"] == "yes" else { return false }
        let port = service.name.prefix { $0 != "/" }.split(separator: ":").last ?? ""
        return ["submission", "submissions", "smtps", "587", "465"].contains(port)
            || (!["smtp", "25", "smtpd"].contains(port) && service.overrides["smtpd_sasl_auth_enable"] == "yes")
    }

    /// Only the company's own programs, people and hosts send here.
    var isOfOwnMail: Bool { isSubmission || parameter != "smtpd_milters" || line != nil }

    func index(of endpoint: Endpoint, _ setup: PostfixSetup) -> Int? {
        milters.firstIndex { setup.leads($0, of: service, to: endpoint) }
    }
}

/// A line of smtpd_milter_maps.
struct MilterMapLine: Hashable, Sendable {
    /// As in main.cf: `cidr:/etc/postfix/milters`.
    let table: String
    /// An address or network; empty where the table has one answer for all.
    let client: String
    let value: String

    var isForEveryone: Bool { ["", "0.0.0.0/0", "::/0"].contains(client) }
    /// Postfix's word for no filter at all.
    var isDisabled: Bool { value.uppercased() == "DISABLE" }
    var clientText: String { isForEveryone ? "every client" : client }
}

extension PostfixSetup {
    /// The lines of a service's smtpd_milter_maps, and the tables that cannot be listed.
    func milterMap(_ service: Service) -> (lines: [MilterMapLine], unlisted: [String]) {
        var found: (lines: [MilterMapLine], unlisted: [String]) = ([], [])
        for table in Self.words(value("smtpd_milter_maps", service)).map(RewritingTable.init(name:)) {
            guard let entries = list(table) else {
                found.unlisted.append(table.name)
                continue
            }
            found.lines += entries.map { MilterMapLine(table: table.name, client: $0.key, value: $0.value) }
        }
        return found
    }

    /// Every list of filters: of each smtpd, each line of its smtpd_milter_maps, and each cleanup that programs on this
    /// host submit to.
    var milterLists: [MilterList] {
        var lists: [MilterList] = []
        for service in services(running: "smtpd") {
            lists.append(
                MilterList(
                    parameter: "smtpd_milters", service: service, line: nil, milters: milters("smtpd_milters", service))
            )
            for line in milterMap(service).lines where !line.isDisabled {
                lists.append(
                    MilterList(
                        parameter: "smtpd_milters", service: service, line: line,
                        milters: MilterReference.list(line.value)))
            }
        }
        return lists
            + localCleanups.map {
                MilterList(
                    parameter: "non_smtpd_milters", service: $0, line: nil, milters: milters("non_smtpd_milters", $0))
            }
    }

    /// The cleanup that a service passes its mail to.
    func cleanup(of service: Service?) -> Service? {
        let name = value("cleanup_service_name", service)
        return services.first { $0.name == "\(name.isEmpty ? "cleanup" : name)/unix" }
    }

    /// The cleanups of mail that does not come by SMTP.
    var localCleanups: [Service] {
        var found: [Service] = []
        for service in services(running: "pickup") + services(running: "qmqpd") {
            if let cleanup = cleanup(of: service), !found.contains(cleanup) { found.append(cleanup) }
        }
        return found.isEmpty ? services(running: "cleanup").prefix(1).map { $0 } : found
    }
}
