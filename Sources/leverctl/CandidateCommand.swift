import ArgumentParser
import Core
import Sealing
import Store

struct CandidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "candidate", abstract: "The candidates that threads are about.",
        subcommands: [Add.self, List.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a candidate.", discussion: "Name and address are sealed to the company's keys.")

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: "The candidate's name.")
        var name: String

        @Option(help: "The candidate's mail address.")
        var email: MailAddress

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var id: Int64
            var company: Int64
        }

        func validate() throws {
            guard name.contains(where: { !$0.isWhitespace }), name.printable() == name else {
                throw ValidationError("A candidate's name is text without control characters.")
            }
        }

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company)
            let keys = try administration.sealingKeys(of: company.id).filter(\.isActive)
            guard !keys.isEmpty else { throw StoreError.noSealingKey }

            let id = try administration.reserveCandidateID()
            let now = Timestamp.now()
            let binding = Binding(
                content: .profile, company: company.id, subject: id.rawValue, entry: .make(at: now), time: now)
            let indexKey = try administration.indexKey(of: company.id)
            let profile = try SealedMessage(
                sealing: CandidateProfile(name: name, email: email.text).bytes, binding: binding,
                recipients: keys.map { try SealingKey(subjectPublicKeyInfo: $0.publicKey) })
            try administration.addCandidate(
                profile, binding: binding, emailIndex: indexKey.addressIndex(email.text),
                indexVersion: indexKey.version)

            if shared.json {
                try printJSON(Result(id: id.rawValue, company: company.id.rawValue))
            } else {
                print("Candidate \(id) of \(company.name.printable()).")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a company's candidates.", discussion: "Names and addresses show with the private key alone."
        )

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: "Only the candidate with this mail address.")
        var email: MailAddress?

        @Option(help: ArgumentHelp("The private key that opens names and addresses.", valueName: "file"))
        var privateKey: String?

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company).id
            let key = try privateKey.map(passphrase.privateKey)
            var failed = false

            let records = try candidates(of: company, administration).map { candidate in
                var record = CandidateRecord(candidate)
                if let key {
                    do {
                        let profile = try candidate.openProfile(with: key)
                        (record.name, record.email) = (profile.name, profile.email)
                    } catch {
                        failed = true
                        record.error = "\(error)"
                        complain("leverctl: candidate \(candidate.id): \(error)")
                    }
                }
                return record
            }
            if shared.json {
                try printJSON(records)
            } else {
                let titles = ["ID", "ADDED", "THREADS", "MESSAGES"] + (key == nil ? [] : ["NAME", "EMAIL"])
                printTable(
                    titles,
                    records.map { record in
                        ["\(record.id)", record.addedAt, "\(record.threads)", "\(record.messages)"]
                            + (key == nil ? [] : [record.name ?? "?", record.email ?? "?"])
                    })
            }
            if failed { throw ExitCode.failure }
        }

        private func candidates(of company: CompanyID, _ administration: Administration) throws -> [Candidate] {
            guard let email else { return try administration.candidates(of: company) }
            let key = try administration.indexKey(of: company)
            let found = try administration.candidate(
                emailIndex: key.addressIndex(email.text), indexVersion: key.version, of: company)
            guard let found else {
                throw CommandError(
                    "the company has no candidate with this address; add one with leverctl candidate add")
            }
            return [found]
        }
    }
}

private struct CandidateRecord: Encodable {
    let id: Int64
    let addedAt: String
    let threads: Int
    let messages: Int
    var name: String?
    var email: String?
    /// Why name and address are missing.
    var error: String?

    init(_ candidate: Candidate) {
        id = candidate.id.rawValue
        addedAt = candidate.binding.time.description
        threads = candidate.threadCount
        messages = candidate.messageCount
    }
}

/// A mail address without angle brackets; no more is asked of it than that it could be one.
struct MailAddress: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard let at = argument.lastIndex(of: "@"), at != argument.startIndex,
            argument.index(after: at) != argument.endIndex, argument.printable() == argument,
            !argument.contains(where: { $0.isWhitespace || $0 == "<" || $0 == ">" })
        else { return nil }
        text = argument
    }
}
