import Core
import LibMilter
import Logging
import Spool
import Store

/// Every line that the daemon logs, in one place. A line about a message begins with its queue ID, as Postfix's do;
/// each inspected message ends in exactly one line with `outcome=`. Never content, never an address, never a key.
struct EventLog: Sendable {
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    // MARK: Messages

    /// Durable here, not yet in the database.
    func spooled(_ header: SpoolHeader, size: Int) {
        logger.info("\(header.queueID): spooled \(story(header, size: size))")
    }

    /// The end of a message that was spooled.
    func delivered(_ outcome: Outcome, _ header: SpoolHeader, size: Int) {
        logger.notice("\(header.queueID): outcome=\(outcome.rawValue) \(story(header, size: size))")
    }

    /// The end of a spooled message that the database does not take.
    func quarantined(_ outcome: Outcome, _ header: SpoolHeader, size: Int, reason: String) {
        logger.error(
            """
            \(header.queueID): error: outcome=\(outcome.rawValue) \(story(header, size: size)) \
            kept=quarantine/\(header.entry) reason=\"\(reason)\"
            """)
    }

    /// What the spool still had of a message has been erased in the database since.
    func discarded(_ header: SpoolHeader, from area: Spool.Area) {
        logger.notice(
            """
            \(header.queueID): erased company=\(header.company) thread=\(header.thread) \
            removed=\(area.rawValue)/\(header.entry)
            """)
    }

    /// The end of a message that is not stored.
    func finished(_ report: Report) {
        var line = "\(report.queueID): outcome=\(report.outcome.rawValue)"
        if let company = report.company { line += " company=\(company)" }
        if let thread = report.thread { line += " thread=\(thread)" }
        if let direction = report.direction { line += " direction=\(direction.rawValue)" }
        logger.notice("\(line)")
    }

    /// The sender is asked to try again.
    func tempfailed(_ report: Report, reply: MilterReply, _ error: any Error) {
        logger.error(
            """
            \(report.queueID): error: outcome=\(report.outcome.rawValue) code=\(reply.code) reply=\(reply.status) \
            reason=\"\(error)\"
            """)
    }

    private func story(_ header: SpoolHeader, size: Int) -> String {
        """
        company=\(header.company) thread=\(header.thread) direction=\(header.direction.rawValue) \
        size=\(size) entry=\(header.entry)
        """
    }

    // MARK: The daemon

    func started(socket: String, companies: Int, routingFrom source: String) {
        logger.notice("started socket=\(socket) companies=\(companies) routing=\(source)")
    }

    func draining(messages: Int, sessions: Int) {
        logger.notice("stopping messages_in_flight=\(messages) sessions=\(sessions)")
    }

    /// With the messages and sessions that are given up.
    func stopped(_ context: FilterContext, waiting: Int) {
        let counters = context.counters
        logger.notice(
            """
            stopped unread_at_envelope=\(counters[.unreadAtEnvelope]) unread_at_header=\(counters[.unreadAtHeader]) \
            spooled=\(waiting) interrupted=\(context.admission.messages.count) \
            sessions=\(context.admission.sessions.count)
            """)
    }

    /// `unchangeable`: keys of the configuration that have new values, which count from the next start.
    func reloaded(unchangeable: [String]) {
        if unchangeable.isEmpty {
            logger.notice("reloaded")
        } else {
            logger.warning(
                "warning: reloaded, but for \(unchangeable.joined(separator: ", ")): restart lever-milter to change that"
            )
        }
    }

    func reloadFailed(_ error: any Error) {
        logger.error("error: not reloaded, the configuration before is still in force: \(error)")
    }

    func shortOfDescriptors(_ isShort: Bool, allowed: UInt) {
        if isShort {
            logger.error(
                """
                error: nearly all of \(allowed) file descriptors are taken; new connections wait; raise the limit \
                (LimitNOFILE), or lower Postfix's process limits
                """)
        } else {
            logger.notice("file descriptors are free again; connections are accepted")
        }
    }

    func routingLoaded(companies: Int) {
        logger.info("routing companies=\(companies)")
    }

    func routingFailed(_ error: any Error) {
        logger.error("error: routing is not up to date: \(error)")
    }

    /// The daemon works with it, and the next start may not find it.
    func routingNotKept(_ error: any Error) {
        logger.error("error: the copy of routing on disk is not up to date: \(error)")
    }

    func databaseLost(_ error: any Error, retryIn seconds: Double, waiting: Int) {
        let tenths = (seconds * 10).rounded() / 10
        logger.warning("warning: database unavailable: \(error); retry_in=\(tenths)s spooled=\(waiting)")
    }

    func databaseReached() {
        logger.notice("database connected")
    }

    /// Another database than the one that took what was delivered, or an earlier state of it.
    func databaseReplaced(_ old: DatabaseHistory?, _ new: DatabaseHistory, messages: Int) {
        func place(_ history: DatabaseHistory) -> String {
            """
            system=\(history.system) database=\(history.database) timeline=\(history.timeline) table=\(history.table) \
            position=\(history.position)
            """
        }
        logger.warning(
            """
            warning: the database was replaced, \(messages) delivered messages are brought again; now \(place(new)), \
            before \(old.map(place) ?? "unknown")
            """)
    }

    func broughtAgain(messages: Int) {
        logger.notice("brought again after the database was replaced messages=\(messages)")
    }

    func historyUnknown() {
        logger.warning(
            """
            warning: this login may not see whether the database was replaced, and nothing would be brought again; as its \
            administrator: GRANT EXECUTE ON FUNCTION pg_control_system, pg_walfile_name(pg_lsn), \
            pg_current_wal_insert_lsn, pg_current_wal_flush_lsn TO lever_ingest
            """)
    }

    /// New mail found no room.
    func madeRoom(_ cleared: Spool.Amount) {
        logger.warning(
            "warning: the spool's disk is full; removed files=\(cleared.files) bytes=\(cleared.bytes) of done/")
    }

    func milterFailed(_ error: any Error) {
        logger.error("error: \(error); stopping")
    }

    func spoolAlarm(_ line: String) {
        logger.error("error: \(line)")
    }

    func refusedServer(_ reason: String) {
        logger.error("error: connection refused: \(reason)")
    }
}
