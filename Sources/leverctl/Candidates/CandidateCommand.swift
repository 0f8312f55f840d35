import ArgumentParser
import Core
import Reading
import Sealing
import Store

struct CandidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "candidate", abstract: "The candidates that threads are about.",
        subcommands: [Add.self, List.self, Anonymize.self])

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
            /// The number the person had before becoming anonymous.
            var formerly: Int64?
        }

        func validate() throws {
            guard name.contains(where: { !$0.isWhitespace }), name.printable() == name else {
                throw ValidationError("A candidate's name is text without control characters.")
            }
        }

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company)
            let recipients = try administration.recipients(of: company.id)

            let id = try administration.reserveCandidateID()
            let now = Timestamp.now()
            let binding = Binding(
                content: .profile, company: company.id, subject: id.rawValue, entry: .make(at: now), time: now)
            let indices = try administration.addressIndices(email.text, company: company.id)
            for (version, index) in indices {
                // Under the key in use the database itself sees to it.
                let other = try administration.candidate(emailIndex: index, indexVersion: version, of: company.id)
                if let other { throw StoreError.candidateExists(other.id) }
            }
            let formerly = try administration.formerCandidate(emailIndices: indices, of: company.id)
            let profile = try SealedMessage(
                sealing: CandidateProfile(name: name, email: email.text).bytes, binding: binding,
                recipients: recipients)
            try administration.addCandidate(
                profile, binding: binding, emailIndex: indices[0].index, indexVersion: indices[0].version)

            if shared.json {
                try printJSON(
                    Result(id: id.rawValue, company: company.id.rawValue, formerly: formerly?.rawValue))
            } else {
                print("Candidate \(id) of \(company.name.printable()).")
                if let formerly { print("The address is that of the former candidate \(formerly), who is anonymous.") }
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

        @Option(
            help: ArgumentHelp(
                "The private key that opens names and addresses. Repeat it during a rotation.", valueName: "file"))
        var privateKey: [String] = []

        @OptionGroup var reason: ReasonOptions
        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let opens = !privateKey.isEmpty
            let keys = opens ? try passphrase.keyRing(at: privateKey) : nil
            let timeline = opens ? try shared.timeline() : nil
            var failed = false

            let records = try candidates(timeline).map { candidate in
                var record = CandidateRecord(candidate)
                guard let keys, let timeline, candidate.anonymizedAt == nil else { return record }
                do {
                    let profile = try timeline.profile(of: candidate, keys: keys, reason: reason.text("candidate list"))
                    (record.name, record.email) = (profile.name, profile.email)
                } catch let error as DatabaseError {
                    throw error
                } catch {
                    failed = true
                    record.error = "\(error)"
                    printError("leverctl: candidate \(candidate.id): \(error)")
                }
                return record
            }
            if shared.json {
                try printJSON(records)
            } else {
                let titles = ["ID", "ADDED", "THREADS", "MESSAGES"] + (opens ? ["NAME", "EMAIL"] : [])
                printTable(
                    titles,
                    records.map { record in
                        ["\(record.id)", record.addedAt, "\(record.threads)", "\(record.messages)"]
                            + (opens ? [record.shownName, record.email ?? ""] : [])
                    })
            }
            if failed { throw ExitCode.failure }
        }

        /// As a reader where names are opened, else as an administrator.
        private func candidates(_ timeline: ReaderSession?) throws -> [Candidate] {
            if let email {
                let administration = try shared.administration()
                let id = try administration.company(company).id
                for (version, index) in try administration.addressIndices(email.text, company: id) {
                    let found = try administration.candidate(emailIndex: index, indexVersion: version, of: id)
                    if let found { return [found] }
                }
                throw CommandError(
                    "the company has no candidate with this address; add one with leverctl candidate add")
            }
            if let timeline { return try timeline.candidates(of: timeline.company(company).id) }
            let administration = try shared.administration()
            return try administration.candidates(of: administration.company(company).id)
        }
    }

    struct Anonymize: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase who a candidate was and all that was written, for ever.",
            discussion: """
                Name, address, blind indices and the content of every message go. What remains is that there were \
                messages, and a digest by which the address is recognised if the person applies again. Mailboxes are not \
                touched. Replies that still come are not captured. For super admins.
                """)

        @Argument(help: "The candidate's id.")
        var candidate: Int64

        @Option(help: "The company, by name or id.")
        var company: String

        @OptionGroup var reason: ReasonOptions
        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var candidate: Int64
            var company: Int64
        }

        func run() throws {
            let timeline = try shared.timeline()
            let company = try timeline.company(company)
            let found = try timeline.candidate(CandidateID(rawValue: candidate), company: company.id)
            try confirmation.confirm(
                "Candidate \(candidate) and the content of \(counted(found.messageCount, "message")) will be erased for ever.",
                company: company)
            try timeline.anonymize(found.id, company: company.id, reason: reason.text("candidate anonymize"))
            try shared.show(
                Result(candidate: candidate, company: company.id.rawValue),
                "Candidate \(candidate) of \(company.name.printable()) is anonymous.")
        }
    }
}

private struct CandidateRecord: Encodable {
    let id: Int64
    let addedAt: String
    let threads: Int
    let messages: Int
    /// When name and address were erased.
    let anonymizedAt: String?
    var name: String?
    var email: String?
    /// Why name and address are missing.
    var error: String?

    init(_ candidate: Candidate) {
        id = candidate.id.rawValue
        addedAt = candidate.binding.time.description
        threads = candidate.threadCount
        messages = candidate.messageCount
        anonymizedAt = candidate.anonymizedAt?.description
    }

    var shownName: String { name ?? (anonymizedAt == nil ? "?" : "(anonymous)") }
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
