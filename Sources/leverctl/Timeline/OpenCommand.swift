import ArgumentParser
import Core
import MIME
import Reading
import Store

struct OpenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Read one message.",
        discussion: """
            Shows all that there is to know of it: the text with what it quotes, what is attached, other copies, its \
            thread, and who stored it when. leverctl timeline shows the ids of messages. The audit records the opening.
            """,
        examples: ["leverctl open 0193a5c2-6f7e-7b3a-9c41-2d8f0e5a7b19"])

    @Argument(help: "The message's entry id, as in the timeline and the log.", completion: .messages,
        transform: EntryID.parse)
    var entry: EntryID

    @Option(
        help: "The company, by name or id; else all companies that you are a user of are searched.",
        completion: .companies)
    var company: String?

    @OptionGroup var reason: ReasonOptions
    @OptionGroup var keyOptions: KeyRingOptions
    @OptionGroup var readingOptions: ReadingOptions
    @OptionGroup var display: DisplayOptions
    @OptionGroup var shared: SharedOptions

    func run() throws {
        let reading = try readingOptions.context(shared.loadedSettings(), isUTC: display.utc)
        let session = try shared.readerSession()
        let company = try session.company(company, of: entry)
        let keys = try keyOptions.keyRing(shared)
        let purpose = ReaderSession.Purpose(.open, reason: reason.text("open"))
        guard let found = try session.find(entry: entry, company: company) else {
            // The audit records that somebody asked for what they do not see.
            _ = try session.openKnown(entry, company: company, purpose)
            throw StoreError.unknownEntry(entry)
        }
        let opened = try OpenedEntry(found, in: session, keys: keys, purpose, hostKeys: session.hostKeys())
        let group = try copies(of: found, session)
        if shared.json {
            try printJSON(EntryRecord(opened, reading, copies: group, withRaw: false))
        } else {
            try display.onScreen { screen in
                let message = ShownMessage(opened, reading, screen.clock, copies: group, isDetailed: true)
                print(
                    TimelineText(screen: screen, showsQuotations: true, isDetailed: true).message(message),
                    terminator: "")
            }
        }
        if let problem = opened.problem {
            printError("leverctl: message \(entry): \(problem)")
            throw ExitCode.failure
        }
    }

    /// The message with its copies, which are in its thread.
    private func copies(of entry: TimelineEntry, _ session: ReaderSession) throws -> MessageCopies {
        let entries = try session.entries(
            company: entry.company, candidate: entry.candidate, TimelineSelection(thread: entry.thread))
        return MessageCopies.grouping(entries).first { group in
            group.shown.entry == entry.entry || group.others.contains { $0.entry == entry.entry }
        } ?? MessageCopies.grouping([entry])[0]
    }
}
