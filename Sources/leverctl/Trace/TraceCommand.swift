import ArgumentParser
import SettingsFile
import Core
import Spool
import Store
import MessageTracing

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Find out why a message was captured, or not.",
        discussion: """
            Given a queue ID or a Message-ID, it shows what happened to the message, from this host's spool, the \
            database and the log, as far as each is readable. With --file, it shows what the filter would decide about \
            a message, and stores nothing. Exit status 0: found; 1: the filter left no record of it. Run it as root or \
            as the daemon's user on the mail host.
            """,
        examples: [
            "leverctl trace 4XyZ1B0Dq7zKc",
            "leverctl trace --message-id '<20261124.1@home.example>'",
            "leverctl trace --file reply.eml --envelope-from zoe@home.example \\\n    --envelope-to anna@acme.example",
        ])

    @Argument(help: ArgumentHelp("Postfix's queue ID.", valueName: "queue-id"))
    var queueID: String?

    @Option(help: ArgumentHelp("Find the message with this Message-ID.", valueName: "'<id>'"))
    var messageID: String?

    @Option(
        help: ArgumentHelp(
            "A log file to search, also .gz. Repeat it for more. Else the journal, or /var/log/mail.log.",
            valueName: "file"), completion: .file())
    var log: [String] = []

    @OptionGroup var file: TraceFileOptions
    @OptionGroup var display: DisplayOptions
    @OptionGroup var shared: SharedOptions

    func validate() throws {
        guard [queueID != nil, messageID != nil, file.file != nil].count(where: { $0 }) == 1 else {
            throw ValidationError("Give one of these: a queue ID, --message-id, --file.")
        }
        if let queueID, !MailLogLine.isQueueID(queueID) || queueID == "NOQUEUE" {
            throw ValidationError(
                "'\(queueID.printable())' is not a queue ID; it has letters and digits, as in Postfix's log and in "
                    + "mailq."
            )
        }
        if let messageID, Self.id(in: messageID) == nil {
            throw ValidationError(
                "'\(messageID.printable())' is not a Message-ID; write it as in '<name@host.example>'.")
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
        let traces =
            if let queueID { search.traces(queueID: queueID) } else {
                search.traces(messageID: Self.id(in: messageID!)!)
            }
        let isFound = traces.contains { $0.state != .notInspected }
        try display.show(TraceRecord(traces, search, isFound: isFound), asJSON: shared.json) { screen in
            for trace in traces { print(traceText(trace, search, screen.clock) + "\n") }
            if traces.isEmpty { print(traceNothing(search, queueID: queueID) + "\n") }
            print("Searched")
            for source in search.sources { print("  " + source.text) }
        }
        if !isFound { throw ExitCode.failure }
    }
}
