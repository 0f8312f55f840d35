import Capture
import Core
import LibMilter
import Logging
import Spool
import Store

/// Every event that the daemon logs, in one place. A line about a message begins with its queue ID, as Postfix's do;
/// each inspected message ends in exactly one line with `outcome=`. Never content, never an address, never a key.
struct EventLog: Sendable {
    private let logger: Logger
    /// Counts the same.
    let metrics: FilterMetrics

    init(logger: Logger, metrics: FilterMetrics = FilterMetrics()) {
        (self.logger, self.metrics) = (logger, metrics)
    }

    init(output: LogOutput) {
        self.init(logger: Logger(label: "lever-milter") { _ in LineLogHandler(output: output) })
    }

    /// The text that people read is the message, the rest is metadata, with numbers as numbers.
    private func log(_ name: EventName, queueID: String? = nil, _ line: LogLine) {
        metrics.events.add(name)
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

    // MARK: Messages

    /// Durable here, not yet in the database.
    func spooled(_ header: SpoolHeader, size: Int) {
        metrics.spooledMessages.add()
        metrics.spooledBytes.add(size)
        log(.spooled, queueID: header.queueID, "spooled \(story(header, size: size))")
    }

    /// The end of a message that was spooled.
    func delivered(_ outcome: Outcome, _ header: SpoolHeader, size: Int) {
        metrics.ended(outcome, header.direction)
        log(.delivered, queueID: header.queueID, "\("outcome", outcome.rawValue) \(story(header, size: size))")
    }

    /// The end of a spooled message that the database does not take.
    func quarantined(_ outcome: Outcome, _ header: SpoolHeader, size: Int, reason: String) {
        metrics.ended(outcome, header.direction)
        log(
            .quarantined, queueID: header.queueID,
            """
            \("outcome", outcome.rawValue) \(story(header, size: size)) \
            \("kept", "quarantine/\(header.entry)") \("reason", reason, quoted: true)
            """)
    }

    /// What the spool still had of a message has been erased in the database since.
    func discarded(_ header: SpoolHeader, from area: Spool.Area) {
        log(
            .erased, queueID: header.queueID,
            """
            erased \("company", header.company.rawValue) \("thread", header.thread.rawValue) \
            \("removed", "\(area.rawValue)/\(header.entry)")
            """)
    }

    /// The end of a message that is not stored.
    func finished(_ report: Disposition) {
        metrics.ended(report.outcome, report.direction)
        var line: LogLine = "\("outcome", report.outcome.rawValue)"
        if let company = report.company { line = "\(line) \("company", company.rawValue)" }
        if let thread = report.thread { line = "\(line) \("thread", thread.rawValue)" }
        if let direction = report.direction { line = "\(line) \("direction", direction.rawValue)" }
        if let matched = report.matched { line = "\(line) \("matched", matched.rawValue)" }
        if let forwarded = report.forwarded { line = "\(line) \("forwarded", forwarded.rawValue)" }
        log(.passed, queueID: report.queueID, line)
    }

    /// The sender is asked to try again.
    func tempfailed(_ report: Disposition, reply: MilterReply, _ error: any Error) {
        metrics.ended(report.outcome, report.direction)
        metrics.tempfails.add(TempfailCause(error))
        log(
            .tempfailed, queueID: report.queueID,
            """
            \("outcome", report.outcome.rawValue) \("code", Int(reply.code) ?? 0) \("reply", reply.status) \
            \("reason", "\(error)", quoted: true)
            """)
    }

    /// It is safe in the spool, and the sender is asked to try again so that it is forwarded too.
    func notForwarded(queueID: String, reply: MilterReply, _ error: any Error) {
        log(
            .notForwarded, queueID: queueID,
            """
            not forwarded \("code", Int(reply.code) ?? 0) \("reply", reply.status) \
            \("reason", "\(error)", quoted: true)
            """)
    }

    /// It goes out as it came.
    func notStamped(queueID: String) {
        log(
            .notStamped, queueID: queueID,
            """
            not stamped: the mail server does not let filters change header fields; see \
            docs/explanation/conversation.md
            """)
    }

    private func story(_ header: SpoolHeader, size: Int) -> LogLine {
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

    // MARK: The daemon

    /// It can't start, or ended though nobody told it to.
    func failed(_ error: any Error) { log(.failed, "\(prose: "\(error)", "reason")") }

    func started(socket: String, companies: Int, routingFrom source: String) {
        log(.started, "started \("socket", socket) \("companies", companies) \("routing", source)")
    }

    func draining(messages: Int, sessions: Int) {
        log(.stopping, "stopping \("messages_in_flight", messages) \("sessions", sessions)")
    }

    /// With the messages and sessions that are given up.
    func stopped(_ context: FilterContext, waiting: Int) {
        let counters = context.counters
        log(
            .stopped,
            """
            stopped \("unread_at_envelope", counters[.unreadAtEnvelope]) \
            \("unread_at_header", counters[.unreadAtHeader]) \
            \("spooled", waiting) \("interrupted", context.admission.messages.count) \
            \("sessions", context.admission.sessions.count)
            """)
    }

    /// `unchangeable`: keys of the configuration that have new values, which count from the next start.
    func reloaded(unchangeable: [String]) {
        if unchangeable.isEmpty {
            log(.reloaded, "reloaded")
        } else {
            let keys = Logger.MetadataValue.array(unchangeable.map { .string($0) })
            log(
                .reloadedInPart,
                """
                reloaded, except for \(prose: unchangeable.joined(separator: ", "), "keys", keys): \
                restart lever-milter to change that
                """)
        }
    }

    func reloadFailed(_ error: any Error) {
        log(
            .reloadFailed,
            "not reloaded, the previous configuration stays in force: \(prose: "\(error)", "reason")")
    }

    func shortOfDescriptors(_ isShort: Bool, allowed: UInt) {
        if isShort {
            log(
                .descriptorsShort,
                """
                nearly all of \(prose: "\(allowed)", "allowed", .stringConvertible(allowed)) file descriptors are \
                taken; new connections wait; raise the limit (LimitNOFILE), or lower Postfix's process limits
                """)
        } else {
            log(.descriptorsFree, "file descriptors are free again; connections are accepted")
        }
    }

    func milterFailed(_ error: any Error) {
        log(.milterFailed, "\(prose: "\(error)", "reason"); stopping")
    }

    func refusedServer(_ reason: String) {
        log(.serverRefused, "connection refused: \(prose: reason, "reason")")
    }

    /// Nobody reads the log as long as that is so.
    func syslogMissing() {
        log(.syslogMissing, "nothing listens at /dev/log; start a syslog service, or set 'log_to: stderr'")
    }

    // MARK: Routing

    func routingLoaded(companies: Int) {
        metrics.routingChanges.add()
        log(.routingLoaded, "routing \("companies", companies)")
    }

    func routingFailed(_ error: any Error) {
        log(.routingFailed, "routing is not up to date: \(prose: "\(error)", "reason")")
    }

    /// The daemon works with it, and the next start may not find it.
    func routingNotSaved(_ error: any Error) {
        log(.routingNotSaved, "the copy of routing on disk is not up to date: \(prose: "\(error)", "reason")")
    }

    // MARK: Memory

    /// All of it was read from the database.
    func learnedIDsLoaded(threads: Int, candidates: Int) {
        log(.learnedIDsLoaded, "learned \("ids", threads) \("candidates", candidates)")
    }

    /// What other hosts captured may not be known here.
    func learnedIDsFailed(_ error: any Error) {
        log(.learnedIDsFailed, "learned ids are not up to date: \(prose: "\(error)", "reason")")
    }

    /// The daemon works with it, and the next start may not find it.
    func learnedIDsNotSaved(_ error: any Error) {
        log(.learnedIDsNotSaved, "the copy of learned ids on disk is not up to date: \(prose: "\(error)", "reason")")
    }

    // MARK: The database

    func databaseLost(_ error: any Error, retryIn seconds: Double, waiting: Int) {
        metrics.isDatabaseUp = false
        metrics.databaseLosses.add()
        let tenths = (seconds * 10).rounded() / 10
        log(
            .databaseLost,
            """
            database unavailable: \(prose: "\(error)", "reason"); \("retry_in", tenths, unit: "s") \
            \("spooled", waiting)
            """)
    }

    func databaseReached() {
        log(.databaseConnected, "database connected")
    }

    /// Another database than the one that took what was delivered, or an earlier state of it.
    func databaseReplaced(_ old: DatabasePosition?, _ new: DatabasePosition, messages: Int) {
        func place(_ history: DatabasePosition) -> LogLine {
            """
            \("system", history.system) \("database", history.database) \("timeline", history.timeline) \
            \("table", history.table) \("position", history.position)
            """
        }
        let (now, before) = (place(new), old.map(place) ?? "unknown")
        log(
            .databaseReplaced,
            """
            the database was replaced, \(prose: "\(messages)", "messages", .stringConvertible(messages)) delivered \
            messages are redelivered; now \(prose: now.text, "now", .dictionary(now.fields)), \
            before \(prose: before.text, "before", .dictionary(before.fields))
            """)
    }

    func redelivered(messages: Int) {
        log(.redelivered, "redelivered after the database was replaced \("messages", messages)")
    }

    func databasePositionUnknown() {
        log(
            .databasePositionUnknown,
            """
            this login may not see whether the database was replaced, so nothing would be redelivered; as its \
            administrator: GRANT EXECUTE ON FUNCTION pg_control_system, pg_walfile_name(pg_lsn), \
            pg_current_wal_insert_lsn, pg_current_wal_flush_lsn TO lever_ingest
            """)
    }

    /// Rows of the delivery log that are lost. The log has the same.
    func recordsRefused(_ error: any Error) {
        log(.recordsRefused, "the database refuses delivery records: \(prose: "\(error)", "reason")")
    }

    // MARK: The spool

    func spoolAlarm(_ line: String) {
        log(.spoolAlarm, "\(prose: line, "reason")")
    }

    /// New mail found no room.
    func madeRoom(_ cleared: Spool.Amount) {
        log(
            .deliveredFilesRemoved,
            "the spool's disk is full; removed \("files", cleared.files) \("bytes", cleared.bytes) of delivered/")
    }

    /// Somebody moved a file without leverctl while it was delivered.
    func movedByHand(_ name: String, _ area: Spool.Area) {
        log(
            .fileMoved,
            """
            spool file \(prose: name, "file") is no longer in \(prose: area.rawValue, "area")/, where it was delivered \
            from; use leverctl queue to move or remove messages
            """)
    }
}
