public import DaemonMetrics
public import Logging

/// Every event that the daemon logs, a section a file: messages, the daemon, the database, the spool. What may stand in
/// a line is decided here alone: never content, never an address, never a key. Any thread.
///
/// A line about a message begins with its queue ID, as Postfix's do; each inspected message ends in exactly one line
/// with `outcome=`.
public struct EventLog: Sendable {
    private let logger: Logger
    /// How often each event happened, whether or not its level is written.
    public let events = CounterTable<EventName>()

    public init(logger: Logger) { self.logger = logger }

    public init(output: LogOutput) {
        self.init(logger: Logger(label: "lever-milter") { _ in LineLogHandler(output: output) })
    }

    /// The line's text is the message; its fields are the metadata, with numbers as numbers.
    func log(_ name: EventName, queueID: String? = nil, _ line: LogLine) {
        events.add(name)
        let severity =
            switch name.level {
            case _ where name == .failed: "lever-milter: "
            case .error: "error: "
            case .warning: "warning: "
            default: ""
            }
        let text = (queueID.map { "\($0): " } ?? "") + severity + line.text
        var metadata = line.fields
        metadata[LogField.event] = .string(name.rawValue)
        metadata[LogField.queueID] = queueID.map { .string($0) }
        logger.log(level: name.level, "\(text)", metadata: metadata)
    }
}
