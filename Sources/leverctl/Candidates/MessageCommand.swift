import ArgumentParser
import Core
import Reading
import Store
import Unsealing

struct MessageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message", abstract: "Single messages.", subcommands: [Export.self, Remove.self])

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a message to a file.",
            discussion: "The raw message as Postfix showed it; with --sealed, the CMS file as it is stored.")

        @Argument(help: "The message's entry id, as the timeline and the log show it.")
        var entry: String

        @Option(help: ArgumentHelp("The file to write; - for standard output.", valueName: "file"))
        var out: String

        @Option(help: "The company, by name or id; else every company that you are a user of is searched.")
        var company: String?

        @Flag(help: "Write it sealed.")
        var sealed = false

        @Option(
            help: ArgumentHelp(
                "The company's private key; not needed with --sealed. Repeat it during a rotation.", valueName: "file"))
        var privateKey: [String] = []

        @Flag(help: "Write over a file that exists.")
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
            guard EntryID(entry) != nil else {
                throw ValidationError(
                    "'\(entry.printable())' is not an entry id; leverctl timeline shows those there are.")
            }
            guard sealed || !privateKey.isEmpty else {
                throw ValidationError(
                    "Give --private-key to open the message, or --sealed to write it as it is stored.")
            }
            guard !(shared.json && out == "-") else {
                throw ValidationError("--json and --out - would both write to standard output; name a file.")
            }
        }

        func run() throws {
            let timeline = try shared.timeline()
            let company = try owner(of: EntryID(entry)!, timeline)
            let content = try content(EntryID(entry)!, of: company, timeline)
            if out == "-" {
                try writeOutput(content)
                return
            }
            if force { try replaceFile(out, content) } else { try writeNewFile(out, content) }
            if shared.json {
                try printJSON(
                    Result(
                        entry: EntryID(entry)!.description, company: company.rawValue, out: out, size: content.count,
                        sealed: sealed))
            } else {
                print("\(counted(content.count, "byte")) in \(out).".printable())
            }
        }

        private func owner(of id: EntryID, _ timeline: ReaderSession) throws -> CompanyID {
            if let company { return try timeline.company(company).id }
            let companies = try timeline.companies().map(\.id)
            // One that sees no such message is asked all the same: that is where the audit of a refusal belongs.
            guard let first = companies.first else {
                throw CommandError("this login is no user of any company; an administrator adds it: leverctl user add")
            }
            return try companies.first { try timeline.find(entry: id, company: $0) != nil } ?? first
        }

        private func content(_ id: EntryID, of company: CompanyID, _ timeline: ReaderSession) throws -> [UInt8] {
            let keys = sealed ? nil : try passphrase.keyRing(at: privateKey)
            let purpose = ReaderSession.Purpose(.export, reason: reason.text("message export"))
            guard let keys else {
                let sealed = try timeline.openKnown(id, company: company, purpose).sealed
                return sealed.head + sealed.tail
            }
            do {
                return try timeline.rawMessage(of: id, company: company, keys: keys, purpose)
            } catch let error as OpeningError {
                throw CommandError("message \(id): \(error)")
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase a message's content, for ever.",
            discussion: """
                Only what is stored here: mailboxes are not touched. The timeline shows that there was a message, and the \
                same mail is not captured again. For admins and super admins.
                """)

        @Argument(help: "The message's entry id, as the timeline and the log show it.")
        var entry: String

        @Option(help: "The company, by name or id.")
        var company: String

        @OptionGroup var reason: ReasonOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var entry: String
            var company: Int64
        }

        func validate() throws {
            guard EntryID(entry) != nil else {
                throw ValidationError(
                    "'\(entry.printable())' is not an entry id; leverctl timeline shows those there are.")
            }
        }

        func run() throws {
            let timeline = try shared.timeline()
            let company = try timeline.company(company)
            let id = EntryID(entry)!
            try timeline.removeMessage(id, company: company.id, reason: reason.text("message remove"))
            try shared.show(
                Result(entry: id.description, company: company.id.rawValue), "Message \(id) is removed.")
        }
    }
}
