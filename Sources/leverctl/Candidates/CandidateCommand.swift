import ArgumentParser
import Core
import Reading
import Sealing
import Store

struct CandidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "candidate", abstract: "Add, list and anonymize candidates.",
        subcommands: [Add.self, Confirm.self, List.self, Anonymize.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a candidate.",
            discussion: """
                Name and address are sealed to the company's keys. With the private key they are signed as well, so \
                that nobody who writes to the database can have mail to the candidate sent elsewhere; without it, do so \
                later: leverctl candidate confirm.
                """,
            examples: ["leverctl candidate add --name 'Zoë Berg' --email zoe@home.example"])

        @OptionGroup var company: CompanyOption

        @Option(help: "The candidate's name.")
        var name: String

        @Option(help: "The candidate's mail address.")
        var email: MailAddress

        @Option(
            help: ArgumentHelp(
                """
                The company's private key: sign name and address. Else $LEVER_PRIVATE_KEY, else 'private_key' in the \
                settings.
                """, valueName: "file"), completion: .file())
        var privateKey: String?

        @Flag(help: "Do not sign, even if the settings name a private key.")
        var unsigned = false

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var id: Int64
            var company: Int64
            /// The id that the person had before becoming anonymous.
            var formerly: Int64?
        }

        func validate() throws {
            guard name.contains(where: { !$0.isWhitespace }), name.printable() == name else {
                throw ValidationError("A candidate's name is text without control characters.")
            }
            guard !unsigned || privateKey == nil else {
                throw ValidationError("Give --private-key or --unsigned, not both.")
            }
        }

        func run() throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared)
            let recipients = try owner.recipients(of: company.id)
            let keys = try signingKeys()

            let id = try owner.reserveCandidateID(of: company.id)
            let now = Timestamp.now()
            let binding = Binding(
                content: .profile, company: company.id, subject: id.rawValue, entry: .make(at: now), time: now)
            let indices = try owner.addressIndices(email.text, company: company.id)
            for (version, index) in indices {
                // The database itself checks this under the key in use.
                let other = try owner.candidate(emailIndex: index, indexVersion: version, of: company.id)
                if let other { throw StoreError.candidateExists(other.id) }
            }
            let formerly = try owner.formerCandidate(emailIndices: indices, of: company.id)
            let profile = try SealedMessage(
                sealing: CandidateProfile(name: name, email: email.text).bytes, binding: binding,
                recipients: recipients)
            let signature = try keys.map {
                try ProfileConfirmation.signature(ofTail: profile.tail, binding, keys: $0)
            }
            try owner.addCandidate(
                profile, binding: binding, emailIndex: indices[0].index, indexVersion: indices[0].version,
                signature: signature)

            if shared.json {
                try printJSON(
                    Result(id: id.rawValue, company: company.id.rawValue, formerly: formerly?.rawValue))
            } else {
                print("Candidate \(id) of \(company.name.printable()).")
                if let formerly { print("The address is that of the former candidate \(formerly), who is anonymous.") }
            }
        }

        private func signingKeys() throws -> KeyRing? {
            guard !unsigned else { return nil }
            let paths = try privateKey.map { [$0] } ?? shared.loadedSettings().privateKeys
            return paths.isEmpty ? nil : try passphrase.keyRing(at: paths, shared)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List a company's candidates.",
            discussion: "Names and addresses are shown only with the private key, to a user of the company.",
            examples: ["leverctl candidate list", "leverctl candidate list --email zoe@home.example"])

        @OptionGroup var company: CompanyOption

        @Option(help: "Only the candidate with this mail address.")
        var email: MailAddress?

        @OptionGroup var addresses: AddressKeyOptions
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let keys = try keyRing()
            let opens = keys != nil
            let timeline = opens ? try shared.readerSession() : nil
            var failed = false

            let records = try candidates(timeline).map { candidate in
                var record = CandidateRecord(candidate)
                guard let keys, let timeline, candidate.anonymizedAt == nil else { return record }
                do {
                    let (profile, confirmation) = try timeline.confirmedProfile(
                        of: candidate, keys: keys, reason: reason.text("candidate list"))
                    (record.name, record.email) = (profile.name, profile.email)
                    record.confirmation = confirmation
                } catch let error as DatabaseError {
                    throw error
                } catch {
                    failed = true
                    record.error = "\(error)"
                    printError("leverctl: candidate \(candidate.id): \(error)")
                }
                return record
            }
            try display.show(records, asJSON: shared.json) { screen in
                let titles = ["ID", "ADDED", "THREADS", "MESSAGES"] + (opens ? ["NAME", "EMAIL", "ADDRESS"] : [])
                screen.printTable(
                    titles,
                    records.map { record in
                        ["\(record.id)", screen.text(record.addedAt), "\(record.threads)", "\(record.messages)"]
                            + (opens ? [record.shownName, record.email ?? "", record.shownConfirmation] : [])
                    })
            }
            if failed { throw ExitCode.failure }
        }

        /// The settings' private key is of no use to a login that is no reader's.
        private func keyRing() throws -> KeyRing? {
            guard try !addresses.privateKey.isEmpty || shared.loadedSettings().readerDatabase != nil else { return nil }
            return try addresses.keyRing(shared)
        }

        /// Asks as a reader if names are opened, else as an administrator.
        private func candidates(_ timeline: ReaderSession?) throws -> [Candidate] {
            if let email {
                let owner = try shared.ownerSession()
                let id = try company.find(in: owner, shared).id
                return [try owner.candidate(at: email.address, of: id)]
            }
            if let timeline { return try timeline.candidates(of: company.find(in: timeline, shared).id) }
            let owner = try shared.ownerSession()
            return try owner.candidates(of: company.find(in: owner, shared).id)
        }
    }

    struct Anonymize: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Permanently erase a candidate's name, address and correspondence.",
            discussion: """
                Name, address, blind indices and the content of every message are deleted. What remains is the fact \
                that there were messages, and a digest by which the address is recognised if the person applies again. \
                Mailboxes are not touched. Later replies are not captured. For super admins.
                """,
            examples: ["leverctl candidate anonymize 17", "leverctl candidate anonymize 'zoë berg'"])

        @Argument(help: "The candidate: the id, the address, or part of the name.", completion: .candidates)
        var candidate: CandidateReference

        @OptionGroup var company: CompanyOption

        @OptionGroup var search: CandidateSearchOptions
        @OptionGroup var keyOptions: KeyRingOptions
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var candidate: Int64
            var company: Int64
        }

        func run() throws {
            let timeline = try shared.readerSession()
            let company = try company.find(in: timeline, shared)
            let found = try search.find(
                candidate, of: company, in: timeline, shared, reason: reason.text("candidate anonymize"),
                keys: OpenedKeys { try keyOptions.keyRing(shared) })
            let id = found.candidate.id
            // Somebody has to see whom a name found.
            if case .name = candidate, confirmation.confirm != nil {
                throw CommandError("with --confirm give the candidate's id, which is \(id); nothing was erased")
            }
            let messages = counted(found.candidate.messageCount, "message")
            try confirmation.confirm(
                "The name and address of \(found.text), and the content of \(messages) will be erased permanently.",
                company: company)
            try timeline.anonymize(id, company: company.id, reason: reason.text("candidate anonymize"))
            try shared.show(
                Result(candidate: id.rawValue, company: company.id.rawValue),
                "Candidate \(id) of \(company.name.printable()) is now anonymous.")
        }
    }
}
