import ArgumentParser
import Core
import Sealing
import Store

struct CompanyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "company", abstract: "Add, change and list companies.",
        subcommands: [Add.self, Set.self, List.self, Sync.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a company.",
            discussion: "It gets a marker key and an index key. Nothing is captured until it has a sealing key too.",
            examples: ["leverctl company add Acme --domain acme.example --provider google \\\n    --sync limited"])

        @Argument(help: "The company's name.")
        var name: String

        @Option(help: ArgumentHelp("A mail domain of the company. Repeat it for more.", valueName: "domain"))
        var domain: [Domain]

        @Option(help: "The provider of its mailboxes.")
        var provider: MailProvider

        @Option(help: "Its sync level. Mail is captured under limited alone.")
        var sync: SyncLevel

        @Option(help: "What happens to replies in its threads.")
        var capture = CaptureMode.store

        @Option(
            help: ArgumentHelp("The address to forward to, in a mode that forwards.", valueName: "address"),
            transform: ForwardAddress.parse)
        var forwardTo: ForwardAddress?

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let company = try shared.ownerSession().addCompany(
                name: name, provider: provider, sync: sync, domains: domain.map(\.text), capture: capture,
                forwardTo: forwardTo, markerKey: randomBytes(32), indexKey: randomBytes(32))
            try shared.show(company)
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a company.",
            examples: [
                "leverctl company set acme --add-domain acme.test",
                "leverctl company set acme --retention-days 730",
            ])

        @Argument(help: "The company, by name or id.", completion: .companies)
        var company: String

        @OptionGroup var change: CompanyChangeOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let owner = try shared.ownerSession()
            try shared.show(owner.change(owner.company(company).id, change.change))
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the companies.",
            examples: ["leverctl company list"])

        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let companies = try shared.ownerSession().companies().map(CompanyListing.init)
            try display.show(companies, asJSON: shared.json) { companies.printAsTable(on: $0) }
        }
    }
}

extension SharedOptions {
    /// Shows one company.
    fileprivate func show(_ company: CompanyRecord) throws {
        let listing = CompanyListing(company)
        if json { try printJSON(listing) } else { [listing].printAsTable(on: .plain) }
    }
}
