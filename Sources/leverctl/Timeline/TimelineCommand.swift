import ArgumentParser
import Core
import MIME
import Reading
import Store
import Unsealing

struct TimelineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline", abstract: "Read a candidate's correspondence.",
        discussion: """
            Shows every captured message that you may see, oldest first. Quoted text is folded to one line. Copies of \
            a message that servers changed on the way are shown as one, the best authenticated of them. A message \
            that does not open is shown with the reason, and the exit status is 1. The audit records each opening.

            --since, --until, --thread and --last choose what is opened. --grep then opens all of that, which the \
            audit records, and shows the messages that have the text, whether in capitals or with accents; if none \
            has it, the exit status is 1.
            """,
        examples: ["leverctl timeline --candidate anna", "leverctl timeline --candidate 17 --last 5 --unfold"])

    @OptionGroup var company: CompanyOption

    @OptionGroup var who: CandidateOption

    @OptionGroup var period: PeriodOptions

    @Option(help: ArgumentHelp("Only this thread, by its number.", valueName: "thread"))
    var thread: Int64?

    @Option(help: ArgumentHelp("Show at most this many messages, the newest.", valueName: "count"))
    var last: Int?

    @Option(
        help: ArgumentHelp(
            "Only messages with this in an address, the subject, the text or an attachment's name.", valueName: "text"))
    var grep: String?

    @Flag(help: "Show quoted text too.")
    var unfold = false

    @Flag(help: "Show each copy of a message.")
    var copies = false

    @OptionGroup var output: TimelineOutputOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var keyOptions: KeyRingOptions
    @OptionGroup var readingOptions: ReadingOptions
    @OptionGroup var display: DisplayOptions
    @OptionGroup var shared: SharedOptions

    func validate() throws {
        if let last, last < 1 { throw ValidationError("--last must be 1 or more.") }
        if let grep, TextSearch(grep) == nil { throw ValidationError("--grep has nothing to look for.") }
        _ = try period.period(display.clock)
        try output.validate(json: shared.json)
    }

    func run() throws {
        let reading = try readingOptions.context(shared.loadedSettings(), isUTC: display.utc)
        let session = try shared.readerSession()
        let company = try company.find(in: session, shared)
        let openedKeys = OpenedKeys { try keyOptions.keyRing(shared) }
        let candidate = try who.search.find(
            who.candidate, of: company, in: session, shared, reason: reason.text("timeline"), keys: openedKeys
        ).candidate
        let entries = try session.entries(company: company.id, candidate: candidate.id, selection())
        let groups = MessageCopies.grouping(entries)
        let keys = try openedKeys.get()
        let profile = try profile(of: candidate, keys, session)
        let purpose = ReaderSession.Purpose(output.isExport ? .export : .open, reason: reason.text("timeline"))
        var reader = try MessageReader(session, keys, purpose, reading, search: grep.flatMap(TextSearch.init))

        let groupsByEntry = Dictionary(
            uniqueKeysWithValues: groups.flatMap { group in ([group.shown] + group.others).map { ($0.entry, group) } })
        let heading = TimelineHeading(
            name: profile.map { "\($0.name) <\($0.email)>" } ?? candidate.words, candidate: candidate.id.rawValue,
            company: company.name,
            extent: counted(groups.count, "message") + (grep.map { ", searched for '\($0)'" } ?? ""),
            writtenAt: display.clock.text(.now()))

        if shared.json {
            var listing = try JSONListing(
                of: TimelineRecord(company: company, candidate: candidate.id, profile: profile), in: "messages")
            try reader.read(entries) { opened in
                try listing.add(
                    EntryRecord(opened, reading, copies: groupsByEntry[opened.entry.entry]!, withRaw: output.raw))
            }
            listing.end()
        } else {
            func write(as form: some TimelineForm, to destination: Destination) throws {
                try destination.write(form.beginning(heading))
                try reader.read(copies ? entries : groups.map(\.shown)) { opened in
                    let group = groupsByEntry[opened.entry.entry]!
                    try destination.write(
                        form.message(ShownMessage(opened, reading, display.clock, copies: group)))
                }
                try destination.write(form.ending)
                try destination.finish()
            }
            switch output.form {
            case .text where output.out == nil:
                try display.onScreen {
                    try write(as: TimelineText(screen: $0, showsQuotations: unfold), to: .standardOutput)
                }
            case .text:
                let screen = Screen(columns: nil, style: Style(isOn: false), clock: display.clock)
                try write(as: TimelineText(screen: screen, showsQuotations: unfold), to: output.destination())
            case .markdown: try write(as: TimelineMarkdown(), to: output.destination())
            case .html: try write(as: TimelineHTML(showsQuotations: unfold), to: output.destination())
            case .mbox:
                let destination = try output.destination()
                try reader.read(entries) { if let mbox = $0.mboxrd { try destination.write(mbox) } }
                try destination.finish()
            }
        }
        try finish(reader, searched: copies ? entries.count : groups.count)
    }

    private func selection() throws -> TimelineSelection {
        let (since, until) = try period.period(display.clock)
        return TimelineSelection(since: since, until: until, thread: thread.map(ThreadID.init), last: last)
    }

    /// Says what was written, or that nothing was found. Throws the exit status.
    private func finish(_ reader: MessageReader, searched: Int) throws {
        if let out = output.out { print("Wrote \(counted(reader.count, "message")) to \(out).".printable()) }
        if let grep, reader.count == 0 {
            printError("leverctl: none of \(counted(searched, "message")) has '\(grep.printable())'")
            throw ExitCode.failure
        }
        if reader.failed { throw ExitCode.failure }
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

extension Candidate {
    /// Of one whose name is not known.
    fileprivate var words: String { anonymizedAt == nil ? "Candidate \(id)" : "(anonymous)" }
}
