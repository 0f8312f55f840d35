import ArgumentParser
import Core
import Store
import Unsealing

struct TimelineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline", abstract: "Read a candidate's correspondence.",
        discussion: """
            Shows every captured message, oldest first. Quoted text is folded to one line. A message that does not open \
            is shown with the reason, and the exit status is 1.
            """)

    @Option(help: "The company, by name or id.")
    var company: String

    @Option(help: "The candidate's id.")
    var candidate: Int64

    @Option(help: ArgumentHelp("The company's private key.", valueName: "file"))
    var privateKey: String

    @Flag(help: "Show quoted text too.")
    var unfold = false

    @Flag(help: "Write the messages as they were captured, in mboxrd form; with --json, as base64.")
    var raw = false

    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
        let timeline = try shared.timeline()
        let company = try timeline.company(company)
        let id = CandidateID(rawValue: candidate)
        let entries = try timeline.entries(company: company.id, candidate: id)
        let key = try passphrase.privateKey(at: privateKey)
        let profile = try? timeline.candidate(id, company: company.id).openProfile(with: key)
        var failed = false

        /// One message is in memory at a time.
        func forEachEntry(_ show: (OpenedEntry) throws -> Void) throws {
            for entry in entries {
                let opened = try OpenedEntry(entry, in: timeline, key: key)
                if let problem = opened.problem {
                    failed = true
                    complain("leverctl: message \(entry.entry): \(problem)")
                }
                try show(opened)
            }
        }

        if shared.json {
            var record = TimelineRecord(company: company, candidate: id, profile: profile)
            try forEachEntry { record.messages.append(MessageRecord($0, withRaw: raw)) }
            try printJSON(record)
        } else if raw {
            try forEachEntry { if let mbox = $0.mboxrd { try writeOutput(mbox) } }
        } else {
            print(timelineTitle(company: company, candidate: id, profile: profile, count: entries.count))
            try forEachEntry { print("\n" + timelineText($0, unfold: unfold)) }
        }
        if failed { throw ExitCode.failure }
    }
}
