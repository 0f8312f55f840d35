import ArgumentParser
import Core
import Reading
import Store
import Unsealing

struct TimelineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline", abstract: "Read a candidate's correspondence.",
        discussion: """
            Shows every captured message that you may see, oldest first. Quoted text is folded to one line. Copies of a \
            message that servers changed on the way are shown as one, the best authenticated of them. A message \
            that does not open is shown with the reason, and the exit status is 1. The audit records each opening.
            """)

    @OptionGroup var company: CompanyOption

    @Option(help: "The candidate's id.")
    var candidate: Int64

    @Option(help: ArgumentHelp("Show at most this many messages, the newest.", valueName: "count"))
    var last: Int?

    @Flag(help: "Show quoted text too.")
    var unfold = false

    @Flag(help: "Show each copy of a message.")
    var copies = false

    @Flag(help: "Write the raw messages in mboxrd form; with --json, as base64.")
    var raw = false

    @OptionGroup var reason: ReasonOptions
    @OptionGroup var keyOptions: KeyRingOptions
    @OptionGroup var readingOptions: ReadingOptions
    @OptionGroup var display: DisplayOptions
    @OptionGroup var shared: SharedOptions

    func validate() throws {
        if let last, last < 1 { throw ValidationError("--last must be 1 or more.") }
    }

    func run() throws {
        let reading = try readingOptions.context(shared.loadedSettings(), isUTC: display.utc)
        let timeline = try shared.readerSession()
        let company = try company.find(in: timeline, shared)
        let candidate = try timeline.candidate(CandidateID(rawValue: candidate), company: company.id)
        let entries = try timeline.entries(company: company.id, candidate: candidate.id, last: last)
        let groups = MessageCopies.grouping(entries)
        let keys = try keyOptions.keyRing(shared)
        let hostKeys = try timeline.hostKeys()
        let profile = try profile(of: candidate, keys, timeline)
        let purpose = ReaderSession.Purpose(raw ? .export : .open, reason: reason.text("timeline"))
        var failed = false

        func forEachEntry(of entries: [TimelineEntry], _ show: (OpenedEntry) throws -> Void) throws {
            try timeline.open(entries, keys: keys, purpose, hostKeys: hostKeys) { opened in
                if let problem = opened.problem {
                    failed = true
                    printError("leverctl: message \(opened.entry.entry): \(problem)")
                }
                try show(opened)
            }
        }

        let groupsByEntry = Dictionary(
            uniqueKeysWithValues: groups.flatMap { group in ([group.shown] + group.others).map { ($0.entry, group) } })
        if shared.json {
            var listing = try JSONListing(
                of: TimelineRecord(company: company, candidate: candidate.id, profile: profile), in: "messages")
            try forEachEntry(of: entries) { opened in
                try listing.add(
                    EntryRecord(opened, reading, copies: groupsByEntry[opened.entry.entry]!, withRaw: raw))
            }
            listing.end()
        } else if raw {
            try forEachEntry(of: entries) { if let mbox = $0.mboxrd { try writeOutput(mbox) } }
        } else {
            let shown = copies ? entries : groups.map(\.shown)
            try display.onScreen { screen in
                print(timelineTitle(company: company, candidate: candidate, profile: profile, count: groups.count))
                try forEachEntry(of: shown) { opened in
                    let group = groupsByEntry[opened.entry.entry]!
                    print("\n" + timelineText(opened, reading, screen, copies: group, unfold: unfold))
                }
            }
        }
        if failed { throw ExitCode.failure }
    }

    /// Nil if it does not open; the messages may still open.
    private func profile(
        of candidate: Candidate, _ keys: KeyRing, _ timeline: ReaderSession
    ) throws -> CandidateProfile? {
        guard candidate.anonymizedAt == nil else { return nil }
        do {
            return try timeline.profile(of: candidate, keys: keys, reason: reason.text("timeline"))
        } catch let error as DatabaseError {
            throw error
        } catch {
            return nil
        }
    }
}
