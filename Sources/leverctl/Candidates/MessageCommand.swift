import ArgumentParser
import Core
import Reading
import Store

struct MessageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message", abstract: "Export or erase a single message, or save what is attached to it.",
        subcommands: [Attachments.self, Export.self, Remove.self])

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a message to a file.",
            discussion: "The raw message as the mail host received it; with --sealed, the CMS file as stored.",
            examples: ["leverctl message export 0193a5c2-6f7e-7b3a-9c41-2d8f0e5a7b19 --out reply.eml"])

        @Argument(
            help: "The message's entry id, as in the timeline and the log.", completion: .messages,
            transform: EntryID.parse)
        var entry: EntryID

        @Option(help: ArgumentHelp("The file to write; - for standard output.", valueName: "file"), completion: .file())
        var out: String

        @Option(
            help: "The company, by name or id; else all companies that you are a user of are searched.",
            completion: .companies)
        var company: String?

        @Flag(help: "Write it as stored, without opening it.")
        var sealed = false

        @Option(
            help: ArgumentHelp(
                """
                The company's private key; else $LEVER_PRIVATE_KEY, else 'private_key' in the settings. Not needed \
                with --sealed. Repeat it during a rotation.
                """, valueName: "file"), completion: .file())
        var privateKey: [String] = []

        @Flag(help: "Overwrite an existing file.")
        var force = false

        @OptionGroup var reason: ReasonOptions
        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var entry: String
            var company: Int64
            var out: String
            /// Bytes written.
            var size: Int
            var sealed: Bool
        }

        func validate() throws {
            guard !(shared.json && out == "-") else {
                throw ValidationError("--json and --out - would both write to standard output; name a file.")
            }
        }

        func run() throws {
            let timeline = try shared.readerSession()
            let company = try timeline.company(company, of: entry)
            let content = try content(of: company, timeline)
            if out == "-" {
                try writeOutput(content)
                return
            }
            if force { try replaceFile(out, content) } else { try writeNewFile(out, content) }
            if shared.json {
                try printJSON(
                    Result(
                        entry: entry.description, company: company.rawValue, out: out, size: content.count,
                        sealed: sealed))
            } else {
                print("Wrote \(counted(content.count, "byte")) to \(out).".printable())
            }
        }

        private func content(of company: CompanyID, _ timeline: ReaderSession) throws -> [UInt8] {
            let keys = sealed ? nil : try passphrase.keyRing(at: shared.privateKeys(privateKey), shared)
            let purpose = ReaderSession.Purpose(.export, reason: reason.text("message export"))
            guard let keys else {
                let sealed = try timeline.openKnown(entry, company: company, purpose).sealed
                return sealed.head + sealed.tail
            }
            return try timeline.openedMessage(entry, company: company, keys: keys, purpose)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Permanently erase a message's content.",
            discussion: """
                Mailboxes are not touched. The timeline still shows that there was a message, and the same mail is not \
                captured again. For admins and super admins.
                """,
            examples: ["leverctl message remove 0193a5c2-6f7e-7b3a-9c41-2d8f0e5a7b19"])

        @Argument(
            help: "The message's entry id, as in the timeline and the log.", completion: .messages,
            transform: EntryID.parse)
        var entry: EntryID

        @OptionGroup var company: CompanyOption

        @OptionGroup var reason: ReasonOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var entry: String
            var company: Int64
        }

        func run() throws {
            let timeline = try shared.readerSession()
            let company = try company.find(in: timeline, shared)
            try timeline.removeMessage(entry, company: company.id, reason: reason.text("message remove"))
            try shared.show(
                Result(entry: entry.description, company: company.id.rawValue), "Removed message \(entry).")
        }
    }
}
