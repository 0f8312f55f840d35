public import Capture
public import Core
public import Spool

extension EventLog {
    /// A message is durable in the spool, and not in the database yet.
    public func spooled(_ record: MessageRecord, size: Int) {
        log(.spooled, queueID: record.queueID, "spooled \(summary(record, size: size))")
    }

    /// The end of a spooled message that the database has taken.
    public func delivered(_ outcome: Outcome, _ record: MessageRecord, size: Int) {
        log(.delivered, queueID: record.queueID, "\("outcome", outcome.rawValue) \(summary(record, size: size))")
    }

    /// The database held up a message alone. It waits in the spool; others go on.
    public func postponed(_ record: MessageRecord, retryIn seconds: Double, _ error: any Error) {
        log(
            .postponed, queueID: record.queueID,
            """
            postponed \("company", record.company.rawValue) \("thread", record.thread.rawValue) \
            \("entry", "\(record.entry)") \("retry_in", (seconds * 10).rounded() / 10, unit: "s") \
            \("reason", "\(error)", quoted: true)
            """)
    }

    /// The end of a spooled message that the database refuses.
    public func quarantined(_ outcome: Outcome, _ record: MessageRecord, size: Int, reason: String) {
        log(
            .quarantined, queueID: record.queueID,
            """
            \("outcome", outcome.rawValue) \(summary(record, size: size)) \
            \("kept", "quarantine/\(record.entry)") \("reason", reason, quoted: true)
            """)
    }

    /// The spool's file of a message was removed, since the message has been erased in the database.
    public func discarded(_ record: MessageRecord, from area: Spool.Area) {
        log(
            .erased, queueID: record.queueID,
            """
            erased \("company", record.company.rawValue) \("thread", record.thread.rawValue) \
            \("removed", "\(area.rawValue)/\(record.entry)")
            """)
    }

    /// The end of a message that is not stored.
    public func finished(_ disposition: Disposition) {
        var line: LogLine = "\("outcome", disposition.outcome.rawValue)"
        if let company = disposition.company { line = "\(line) \("company", company.rawValue)" }
        if let thread = disposition.thread { line = "\(line) \("thread", thread.rawValue)" }
        if let direction = disposition.direction { line = "\(line) \("direction", direction.rawValue)" }
        if let matched = disposition.matched { line = "\(line) \("matched", matched.rawValue)" }
        if let forwarded = disposition.forwarded { line = "\(line) \("forwarded", forwarded.rawValue)" }
        log(.passed, queueID: disposition.queueID, line)
    }

    /// The sender is asked to try again, with an SMTP reply: `451` and `4.7.1`, for example.
    public func tempfailed(_ disposition: Disposition, code: String, status: String, _ error: any Error) {
        log(
            .tempfailed, queueID: disposition.queueID,
            """
            \("outcome", disposition.outcome.rawValue) \("code", Int(code) ?? 0) \("reply", status) \
            \("reason", "\(error)", quoted: true)
            """)
    }

    /// The message is safe in the spool; the sender is asked to try again so that it is forwarded as well.
    public func notForwarded(queueID: String, code: String, status: String, _ error: any Error) {
        log(
            .notForwarded, queueID: queueID,
            """
            not forwarded \("code", Int(code) ?? 0) \("reply", status) \
            \("reason", "\(error)", quoted: true)
            """)
    }

    /// The message goes out without its stamp.
    public func notStamped(queueID: String) {
        log(
            .notStamped, queueID: queueID,
            """
            not stamped: the mail server does not let filters change header fields; see \
            docs/explanation/conversation.md
            """)
    }

    private func summary(_ record: MessageRecord, size: Int) -> LogLine {
        var line: LogLine = """
            \("company", record.company.rawValue) \("thread", record.thread.rawValue)
            """
        if let direction = record.direction { line = "\(line) \("direction", direction.rawValue)" }
        if let matched = record.matched { line = "\(line) \("matched", matched.rawValue)" }
        line = "\(line) \("size", size) \("entry", "\(record.entry)")"
        if !record.labels.isEmpty {
            line = "\(line) \("labels", record.labels.map(\.rawValue).sorted().joined(separator: ","))"
        }
        if let forwarded = record.forwarded { line = "\(line) \("forwarded", forwarded.rawValue)" }
        return line
    }
}
