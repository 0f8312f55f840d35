import ArgumentParser
import Core
import Sealing
import Store

struct CompanyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "company", abstract: "The companies whose mail is captured, and how.",
        subcommands: [Add.self, Set.self, List.self, Sync.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a company.",
            discussion: "It gets a marker key and an index key. Before anything is captured it needs a sealing key too."
        )

        @Argument(help: "The company's name.")
        var name: String

        @Option(help: ArgumentHelp("A mail domain of the company. Repeat it for more.", valueName: "domain"))
        var domain: [DomainName]

        @Option(help: "Who runs the mailboxes: \(MailProvider.allCases.names).")
        var provider: MailProvider

        @Option(help: "How far the product reads mail itself: \(SyncLevel.allCases.names). Only limited is captured.")
        var sync: SyncLevel

        @Option(help: "What becomes of the replies of its threads: \(CaptureMode.allCases.names).")
        var capture = CaptureMode.store

        @Option(
            help: ArgumentHelp("Where mail is forwarded to, in a mode that forwards.", valueName: "address"),
            transform: ForwardAddress.parse)
        var forwardTo: ForwardAddress?

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let company = try shared.administration().addCompany(
                name: name, provider: provider, sync: sync, domains: domain.map(\.text), capture: capture,
                forwardTo: forwardTo, markerKey: randomBytes(32), indexKey: randomBytes(32))
            try printCompanies([company], single: true, shared)
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Change a company.")

        @Argument(help: "The company, by name or id.")
        var company: String

        @Option(help: ArgumentHelp("Give it another name.", valueName: "name"))
        var rename: String?

        @Option(help: ArgumentHelp("Add a mail domain. Repeat it for more.", valueName: "domain"))
        var addDomain: [DomainName] = []

        @Option(help: ArgumentHelp("Remove a mail domain. Repeat it for more.", valueName: "domain"))
        var removeDomain: [DomainName] = []

        @Option(help: "Who runs the mailboxes: \(MailProvider.allCases.names).")
        var provider: MailProvider?

        @Option(help: "How far the product reads mail itself: \(SyncLevel.allCases.names).")
        var sync: SyncLevel?

        @Option(help: ArgumentHelp("Keep messages so many days; 0 for ever.", valueName: "days"))
        var retentionDays: Int?

        @Option(
            help: ArgumentHelp(
                "Keep the delivery log so many days, but never longer than messages. At first 90.", valueName: "days"))
        var deliveryDays: Int?

        @Option(help: "What becomes of the replies of its threads: \(CaptureMode.allCases.names).")
        var capture: CaptureMode?

        @Option(
            help: ArgumentHelp("Where mail is forwarded to, in a mode that forwards.", valueName: "address"),
            transform: ForwardAddress.parse)
        var forwardTo: ForwardAddress?

        @Flag(help: "Remove the forward address. A company that stores and forwards stores on.")
        var noForward = false

        @Option(
            help: ArgumentHelp(
                "Put the marker of X-Lever-Thread into References of outgoing messages: on or off.", valueName: "on/off"
            ))
        var stamp: Switch?

        @Option(
            help: ArgumentHelp(
                "Whether full sync is set up, so that the company's super admin may choose it: on or off.",
                valueName: "on/off"))
        var fullSync: Switch?

        @Option(
            help: """
                What becomes of threads that an outside system started: refuse, or known: captured if the one who writes or \
                is written to is a candidate.
                """)
        var unsignedMarkers: UnsignedMarkerPolicy?

        @OptionGroup var shared: SharedOptions

        func validate() throws {
            if rename == nil, provider == nil, sync == nil, retentionDays == nil, deliveryDays == nil,
                addDomain.isEmpty, removeDomain.isEmpty, capture == nil, forwardTo == nil, !noForward,
                stamp == nil, unsignedMarkers == nil, fullSync == nil
            {
                throw ValidationError("Nothing to change; give --sync, --provider, --add-domain or another option.")
            }
            if forwardTo != nil, noForward {
                throw ValidationError("Give either --forward-to or --no-forward.")
            }
            if let retentionDays, !(0...36500).contains(retentionDays) {
                throw ValidationError("--retention-days is a number from 0 (for ever) to 36500.")
            }
            if let deliveryDays, !(1...36500).contains(deliveryDays) {
                throw ValidationError("--delivery-days is a number from 1 to 36500.")
            }
        }

        func run() throws {
            let administration = try shared.administration()
            var change = CompanyChange()
            change.name = rename
            change.provider = provider
            change.sync = sync
            change.addedDomains = addDomain.map(\.text)
            change.removedDomains = removeDomain.map(\.text)
            change.retentionDays = retentionDays
            change.deliveryDays = deliveryDays
            change.capture = capture
            change.stamps = stamp.map { $0 == .on }
            change.unsignedMarkers = unsignedMarkers
            change.isFullSyncReady = fullSync.map { $0 == .on }
            change.forward = noForward ? .nowhere : forwardTo.map { .to($0) }
            let company = try administration.change(administration.company(company).id, change)
            try printCompanies([company], single: true, shared)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the companies.")

        @OptionGroup var shared: SharedOptions

        func run() throws {
            try printCompanies(shared.administration().companies(), single: false, shared)
        }
    }
}

private struct CompanyOutput: Encodable {
    let id: Int64
    let name: String
    let domains: [String]
    let provider: String
    let sync: String
    let createdAt: String
    /// Missing where messages are kept for ever.
    let retentionDays: Int?
    let deliveryDays: Int
    let capture: String
    let forwardTo: String?
    let stamp: Bool
    let unsignedMarkers: String
    let fullSyncReady: Bool

    init(_ company: CompanyRecord) {
        id = company.id.rawValue
        name = company.name
        domains = company.domains
        provider = company.provider.rawValue
        sync = company.sync.rawValue
        createdAt = company.createdAt.description
        retentionDays = company.retentionDays
        deliveryDays = company.deliveryDays
        capture = company.capture.rawValue
        forwardTo = company.forwardAddress
        stamp = company.stamps
        unsignedMarkers = company.unsignedMarkers.rawValue
        fullSyncReady = company.isFullSyncReady
    }
}

/// A single company is an object in JSON, else they are an array.
private func printCompanies(_ companies: [CompanyRecord], single: Bool, _ shared: SharedOptions) throws {
    let records = companies.map(CompanyOutput.init)
    if shared.json {
        if single { try printJSON(records[0]) } else { try printJSON(records) }
    } else {
        printTable(
            ["ID", "NAME", "SYNC", "CAPTURE", "FORWARD TO", "PROVIDER", "KEEPS", "LOG", "DOMAINS"],
            records.map { record in
                [
                    "\(record.id)", record.name, record.sync, record.capture, record.forwardTo ?? "-", record.provider,
                    record.retentionDays.map { counted($0, "day") } ?? "for ever",
                    counted(record.deliveryDays, "day"),
                    record.domains.joined(separator: " "),
                ]
            })
    }
}

/// Something that is on or off.
enum Switch: String, CaseIterable, ExpressibleByArgument {
    case on, off
}

extension Collection where Element: RawRepresentable<String> {
    fileprivate var names: String { map(\.rawValue).joined(separator: ", ") }
}
