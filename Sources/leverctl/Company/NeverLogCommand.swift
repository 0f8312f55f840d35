import ArgumentParser
import Core
import Reading
import Store

struct NeverLogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "never-log", abstract: "Addresses and domains whose mail is never captured, marked or not.",
        discussion: """
            A message is left alone if its sender, a recipient, or an address in From, Sender, Reply-To, To, Cc or Bcc is \
            on the list. Addresses are stored sealed, and compared by a keyed index.
            """,
        subcommands: [Add.self, Remove.self, List.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add an address or a domain.")

        @Argument(help: "An address, or a domain, which does not include its subdomains.")
        var who: NeverLogTarget

        @Option(help: "The company, by name or id.")
        var company: String

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company).id
            guard try find(who, of: company, administration) == nil else {
                throw CommandError("the company's never-log list has this already")
            }
            let entry: EntryID
            switch who {
            case .domain(let domain):
                entry = .make(at: .now())
                try administration.addNeverLog(domain: domain.text, entry: entry, to: company)
            case .address(let address):
                let new = try administration.newAddress(address.text, company: company)
                entry = new.profile.binding.entry
                try administration.addNeverLog(new, to: company)
            }
            try shared.show(NeverLogRecord(entry: entry.description), "On the never-log list, entry \(entry).")
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take an address or a domain off the list.")

        @Argument(help: "The address, the domain, or the entry's id.")
        var who: String

        @Option(help: "The company, by name or id.")
        var company: String

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company).id
            let named = try NeverLogTarget(argument: who).flatMap { try find($0, of: company, administration) }
            guard let entry = named ?? EntryID(who) else {
                throw CommandError("the company's never-log list does not have this; leverctl never-log list shows it")
            }
            try administration.removeNeverLog(entry, of: company)
            try shared.show(NeverLogRecord(entry: entry.description), "Off the never-log list, entry \(entry).")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the list.", discussion: "Addresses show with the private key alone.")

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(
            help: ArgumentHelp("The private key that opens addresses. Repeat it during a rotation.", valueName: "file"))
        var privateKey: [String] = []

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        private struct Record: Encodable {
            let entry: String
            let kind: String
            let addedAt: String
            /// Missing where it is an address and no private key is given.
            let value: String?
        }

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company).id
            let entries = try administration.neverLog(of: company)
            let keys = try privateKey.isEmpty ? nil : passphrase.keyRing(at: privateKey)
            if keys != nil { try administration.recordOpening(reason: "addresses never logged", of: company) }
            let records = try entries.map { entry in
                let (kind, value): (String, String?)
                switch entry.what {
                case .domain(let domain): (kind, value) = ("domain", domain)
                case .address(let profile?) where keys != nil:
                    (kind, value) = ("address", try CandidateProfile(profile, with: keys!).email)
                case .address: (kind, value) = ("address", nil)
                }
                return Record(
                    entry: entry.entry.description, kind: kind, addedAt: entry.addedAt.description, value: value)
            }
            if shared.json {
                try printJSON(records)
            } else {
                printTable(
                    ["ENTRY", "KIND", "ADDED", "VALUE"],
                    records.map { [$0.entry, $0.kind, $0.addedAt, $0.value ?? "(sealed)"] })
            }
        }
    }
}

/// An address or a domain.
enum NeverLogTarget: ExpressibleByArgument {
    case address(MailAddress)
    case domain(DomainName)

    init?(argument: String) {
        if let address = MailAddress(argument: argument) {
            self = .address(address)
        } else if let domain = DomainName(argument: argument) {
            self = .domain(domain)
        } else {
            return nil
        }
    }
}

private struct NeverLogRecord: Encodable {
    let entry: String
}

private func find(
    _ who: NeverLogTarget, of company: CompanyID, _ administration: OwnerSession
) throws -> EntryID? {
    switch who {
    case .domain(let domain): try administration.neverLogEntry(domain: domain.text, of: company)
    case .address(let address):
        try administration.neverLogEntry(
            indices: administration.addressIndices(address.text, company: company), of: company)
    }
}
