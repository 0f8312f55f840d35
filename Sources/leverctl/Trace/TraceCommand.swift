import ArgumentParser
import SettingsFile
import Core
import Spool
import Store
import MessageTracing

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Why was this message captured, or not?",
        discussion: """
            By a queue ID or a Message-ID, this tells the whole story of a message from what the spool of this host, the \
            database and the log have of it, as far as each can be had. With --file, what would be decided about a message \
            is told, and nothing is stored. Exit status 0: found; 1: the filter left no word about it. Run it as root or as \
            the daemon's user on the mail host.
            """)

    @Argument(help: ArgumentHelp("Postfix's queue ID.", valueName: "queue-id"))
    var queueID: String?

    @Option(help: ArgumentHelp("Look for the message with this Message-ID.", valueName: "'<id>'"))
    var messageID: String?

    @Option(
        help: ArgumentHelp(
            "A log to look into; .gz too. Repeat it for more. Else the journal, or /var/log/mail.log.",
            valueName: "file"))
    var log: [String] = []

    @OptionGroup var file: TraceFileOptions
    @OptionGroup var shared: SharedOptions

    func validate() throws {
        guard [queueID != nil, messageID != nil, file.file != nil].count(where: { $0 }) == 1 else {
            throw ValidationError("Give one of these: a queue ID, --message-id, --file.")
        }
        if let queueID, !MailLogLine.isQueueID(queueID) || queueID == "NOQUEUE" {
            throw ValidationError(
                "'\(queueID.printable())' is no queue ID; those are letters and digits, as in Postfix's log and in mailq."
            )
        }
        if let messageID, Self.id(in: messageID) == nil {
            throw ValidationError("'\(messageID.printable())' is no Message-ID; write it as in '<name@host.example>'.")
        }
        try file.validate(isAlone: queueID != nil || messageID != nil)
        if file.file != nil, !log.isEmpty { throw ValidationError("--log does not go with --file.") }
    }

    /// Without brackets.
    private static func id(in text: String) -> [UInt8]? {
        let ids = MessageIDList.ids(in: [Array(text.utf8)[...]])
        return ids.count == 1 ? ids[0] : nil
    }

    func run() throws {
        let settings = try shared.settings()
        if file.file != nil {
            try file.run(settings, shared)
            return
        }
        var search = TraceSearch(settings, logs: log.isEmpty ? MailLog.usual : log.map(MailLog.file))
        let stories =
            if let queueID { search.stories(queueID: queueID) } else {
                search.stories(messageID: Self.id(in: messageID!)!)
            }
        let isFound = stories.contains { $0.state != .notInspected }
        if shared.json {
            try printJSON(TraceRecord(stories, search, isFound: isFound))
        } else {
            for story in stories { print(traceText(story, search) + "\n") }
            if stories.isEmpty { print(traceNothing(search, queueID: queueID) + "\n") }
            print("Looked in")
            for source in search.sources { print("  " + source.text) }
        }
        if !isFound { throw ExitCode.failure }
    }
}
