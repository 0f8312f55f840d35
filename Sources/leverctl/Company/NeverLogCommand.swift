import ArgumentParser
import Core
import Store

struct NeverLogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "never-log", abstract: "Exempt addresses and domains from capture, marked or not.",
        discussion: """
            A message is left alone if its sender, a recipient, or an address in From, Sender, Reply-To, To, Cc or Bcc \
            is on the list. Addresses are stored sealed, and compared by a keyed index.
            """,
        subcommands: [Add.self, Remove.self, List.self])

    private struct Record: Encodable {
        let entry: String
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an address or a domain to the list.",
            examples: ["leverctl never-log add lawyer@firm.example", "leverctl never-log add firm.example"])

        @Argument(help: "An address, or a domain, which does not include its subdomains.")
        var who: NeverLogTarget

        @OptionGroup var company: CompanyOption

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared).id
            guard try owner.neverLogEntry(who, of: company) == nil else {
                throw CommandError("this is on the company's never-log list already")
            }
            let entry: EntryID
            switch who {
            case .domain(let domain):
                entry = .make(at: .now())
                try owner.addNeverLog(domain: domain.text, entry: entry, to: company)
            case .address(let address):
                let new = try owner.newAddress(address.text, company: company)
                entry = new.profile.binding.entry
                try owner.addNeverLog(new, to: company)
            }
            try shared.show(Record(entry: entry.description), "Added to the never-log list as entry \(entry).")
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove an address or a domain from the list.",
            examples: ["leverctl never-log remove firm.example"])

        @Argument(help: "The address, the domain, or the entry's id.")
        var who: String

        @OptionGroup var company: CompanyOption

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared).id
            let named = try NeverLogTarget(argument: who).flatMap { try owner.neverLogEntry($0, of: company) }
            guard let entry = named ?? EntryID(who) else {
                throw CommandError("this is not on the company's never-log list; leverctl never-log list shows it")
            }
            try owner.removeNeverLog(entry, of: company)
            try shared.show(Record(entry: entry.description), "Removed entry \(entry) from the never-log list.")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the list.", discussion: "Addresses are shown only with the private key.",
            examples: ["leverctl never-log list"])

        @OptionGroup var company: CompanyOption

        @OptionGroup var addresses: AddressKeyOptions
        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        private struct Record: Encodable {
            let entry: String
            let kind: String
            let addedAt: Timestamp
            /// Missing for an address without a private key.
            let value: String?
        }

        func run() throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared).id
            let entries = try owner.neverLog(of: company)
            let open = try addresses.opener(for: company, owner, reason: "addresses never logged", shared)
            let records = try entries.map { entry in
                let (kind, value): (String, String?) =
                    switch entry.what {
                    case .domain(let domain): ("domain", domain)
                    case .address(let profile): ("address", try profile.flatMap { try open?($0) })
                    }
                return Record(
                    entry: entry.entry.description, kind: kind, addedAt: entry.addedAt, value: value)
            }
            try display.show(records, asJSON: shared.json) { screen in
                screen.printTable(
                    ["ENTRY", "KIND", "ADDED", "VALUE"],
                    records.map { [$0.entry, $0.kind, screen.text($0.addedAt), $0.value ?? "(sealed)"] })
            }
        }
    }
}

/// An address or a domain.
enum NeverLogTarget: ExpressibleByArgument {
    case address(MailAddress)
    case domain(Domain)

    init?(argument: String) {
        if let address = MailAddress(argument: argument) {
            self = .address(address)
        } else if let domain = Domain(argument: argument) {
            self = .domain(domain)
        } else {
            return nil
        }
    }
}

extension OwnerSession {
    /// The entry of exactly this address or domain; nil if the list has none.
    fileprivate func neverLogEntry(_ target: NeverLogTarget, of company: CompanyID) throws -> EntryID? {
        switch target {
        case .domain(let domain): try neverLogEntry(domain: domain.text, of: company)
        case .address(let address):
            try neverLogEntry(indices: addressIndices(address.text, company: company), of: company)
        }
    }
}
