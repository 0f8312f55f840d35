import ArgumentParser
import Core
import Store
import Unsealing

struct MessageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message", abstract: "Single messages.", subcommands: [Export.self])

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a message to a file.",
            discussion: "The raw message as Postfix showed it; with --sealed, the CMS file as it is stored.")

        @Argument(help: "The message's entry id, as the timeline and the log show it.")
        var entry: String

        @Option(help: ArgumentHelp("The file to write; - for standard output.", valueName: "file"))
        var out: String

        @Option(help: "The company, by name or id; else every company is searched.")
        var company: String?

        @Flag(help: "Write it sealed.")
        var sealed = false

        @Option(help: ArgumentHelp("The company's private key; not needed with --sealed.", valueName: "file"))
        var privateKey: String?

        @Flag(help: "Write over a file that exists.")
        var force = false

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
            guard sealed || privateKey != nil else {
                throw ValidationError(
                    "Give --private-key to open the message, or --sealed to write it as it is stored.")
            }
            guard !(shared.json && out == "-") else {
                throw ValidationError("--json and --out - would both write to standard output; name a file.")
            }
        }

        func run() throws {
            let timeline = try shared.timeline()
            let found = try find(EntryID(entry)!, timeline)
            let content = try content(of: found, timeline)
            if out == "-" {
                try writeOutput(content)
                return
            }
            if force { try replaceFile(out, content) } else { try writeNewFile(out, content) }
            if shared.json {
                try printJSON(
                    Result(
                        entry: found.entry.description, company: found.company.rawValue, out: out, size: content.count,
                        sealed: sealed))
            } else {
                print("\(counted(content.count, "byte")) in \(out).".printable())
            }
        }

        private func find(_ id: EntryID, _ timeline: Timeline) throws -> TimelineEntry {
            let found =
                if let company {
                    try timeline.find(entry: id, company: timeline.company(company).id)
                } else {
                    try timeline.find(entry: id)
                }
            guard let found else { throw CommandError("no message \(id); leverctl timeline shows those there are") }
            return found
        }

        private func content(of entry: TimelineEntry, _ timeline: Timeline) throws -> [UInt8] {
            let message = try timeline.sealed(entry: entry.entry, company: entry.company)
            guard !sealed else { return message.head + message.tail }
            let key = try passphrase.privateKey(at: privateKey!)
            do {
                return try Opener.open(message, with: key, expecting: entry.binding)
            } catch {
                throw CommandError("message \(entry.entry): \(error)")
            }
        }
    }
}
