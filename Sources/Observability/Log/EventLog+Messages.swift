public import Capture
public import Core
public import Spool

extension EventLog {
    /// A message is durable in the spool, and not in the database yet.
    public func spooled(_ header: SpoolHeader, size: Int) {
        log(.spooled, queueID: header.queueID, "spooled \(summary(header, size: size))")
    }

    /// The end of a spooled message that the database has taken.
    public func delivered(_ outcome: Outcome, _ header: SpoolHeader, size: Int) {
        log(.delivered, queueID: header.queueID, "\("outcome", outcome.rawValue) \(summary(header, size: size))")
    }

    /// The end of a spooled message that the database refuses.
    public func quarantined(_ outcome: Outcome, _ header: SpoolHeader, size: Int, reason: String) {
        log(
            .quarantined, queueID: header.queueID,
            """
            \("outcome", outcome.rawValue) \(summary(header, size: size)) \
            \("kept", "quarantine/\(header.entry)") \("reason", reason, quoted: true)
            """)
    }

    /// The spool's file of a message was removed, since the message has been erased in the database.
    public func discarded(_ header: SpoolHeader, from area: Spool.Area) {
        log(
            .erased, queueID: header.queueID,
            """
            erased \("company", header.company.rawValue) \("thread", header.thread.rawValue) \
            \("removed", "\(area.rawValue)/\(header.entry)")
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

    private func summary(_ header: SpoolHeader, size: Int) -> LogLine {
        var line: LogLine = """
            \("company", header.company.rawValue) \("thread", header.thread.rawValue) \
            \("direction", header.direction.rawValue)
            """
        if let matched = header.matched { line = "\(line) \("matched", matched.rawValue)" }
        line = "\(line) \("size", size) \("entry", "\(header.entry)")"
        if !header.labels.isEmpty {
            line = "\(line) \("labels", header.labels.map(\.rawValue).sorted().joined(separator: ","))"
        }
        if let forwarded = header.forwarded { line = "\(line) \("forwarded", forwarded.rawValue)" }
        return line
    }
}
