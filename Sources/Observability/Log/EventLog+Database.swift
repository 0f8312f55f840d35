public import Store

extension EventLog {
    // MARK: Connection

    public func databaseReached() {
        log(.databaseConnected, "database connected")
    }

    /// `spooled`: messages that wait meanwhile.
    public func databaseLost(_ error: any Error, retryIn seconds: Double, spooled: Int) {
        let tenths = (seconds * 10).rounded() / 10
        log(
            .databaseLost,
            """
            database unavailable: \(prose: "\(error)", "reason"); \("retry_in", tenths, unit: "s") \
            \("spooled", spooled)
            """)
    }

    /// Something in the database holds up a task beside delivery, which goes on.
    public func databaseHeldUp(_ task: String, _ error: any Error, retryIn seconds: Double) {
        log(
            .databaseHeldUp,
            """
            held up: \(prose: task, "task"): \(prose: "\(error)", "reason"); \
            \("retry_in", (seconds * 10).rounded() / 10, unit: "s")
            """)
    }

    /// This is not the database that took the delivered messages, or it has gone back to an earlier state.
    public func databaseReplaced(_ old: DatabasePosition?, _ new: DatabasePosition, messages: Int) {
        func fields(_ position: DatabasePosition) -> LogLine {
            """
            \("system", position.system) \("database", position.database) \("timeline", position.timeline) \
            \("table", position.table) \("position", position.position)
            """
        }
        let (now, before) = (fields(new), old.map(fields) ?? "unknown")
        log(
            .databaseReplaced,
            """
            the database was replaced, \(prose: "\(messages)", "messages", .stringConvertible(messages)) delivered \
            messages are redelivered; now \(prose: now.text, "now", .dictionary(now.fields)), \
            before \(prose: before.text, "before", .dictionary(before.fields))
            """)
    }

    public func redelivered(messages: Int) {
        log(.redelivered, "redelivered after the database was replaced \("messages", messages)")
    }

    public func databasePositionUnknown() {
        log(
            .databasePositionUnknown,
            """
            this login may not see whether the database was replaced, so nothing would be redelivered; as its \
            administrator: GRANT EXECUTE ON FUNCTION pg_control_system, pg_walfile_name(pg_lsn), \
            pg_current_wal_insert_lsn, pg_current_wal_flush_lsn TO lever_ingest
            """)
    }

    /// Rows of the delivery log are lost. This log still has them.
    public func recordsRefused(_ error: any Error) {
        log(.recordsRefused, "the database refuses delivery records: \(prose: "\(error)", "reason")")
    }

    // MARK: Routing

    public func routingLoaded(companies: Int) {
        log(.routingLoaded, "routing \("companies", companies)")
    }

    public func routingFailed(_ error: any Error) {
        log(.routingFailed, "routing is not up to date: \(prose: "\(error)", "reason")")
    }

    /// The new routing is in force, but the next start may not have it.
    public func routingNotSaved(_ error: any Error) {
        log(.routingNotSaved, "the copy of routing on disk is not up to date: \(prose: "\(error)", "reason")")
    }

    // MARK: Learned ids

    /// All of them were read from the database.
    public func learnedIDsLoaded(threads: Int, candidates: Int) {
        log(.learnedIDsLoaded, "learned \("ids", threads) \("candidates", candidates)")
    }

    /// Replies to what other hosts captured may not be recognised.
    public func learnedIDsFailed(_ error: any Error) {
        log(.learnedIDsFailed, "learned ids are not up to date: \(prose: "\(error)", "reason")")
    }

    /// The ids are in use, but the next start may not have them.
    public func learnedIDsNotSaved(_ error: any Error) {
        log(.learnedIDsNotSaved, "the copy of learned ids on disk is not up to date: \(prose: "\(error)", "reason")")
    }
}
