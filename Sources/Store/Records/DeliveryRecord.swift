public import Core

/// A row of the delivery log: the outcome of an inspected message with a marker.
public struct DeliveryRecord: Hashable, Sendable {
    public let company: CompanyID
    public let entry: EntryID
    public let thread: ThreadID
    public let direction: Direction?
    /// Nil if only a later schema knows it.
    public let outcome: Outcome?
    /// The header field that held the marker.
    public let matched: MarkerField?
    /// Bytes of the raw message, as far as they were received.
    public let size: Int?
    public let host: String
    public let queueID: String
    /// When its header was read, when it was complete in the spool, and when this row was written.
    public let acceptedAt: Timestamp
    public let spooledAt: Timestamp?
    public let storedAt: Timestamp
}

extension DeliveryRecord {
    static let columns: Query = """
        company_id, entry_id, thread_id, direction, outcome, matched, size, host, queue_id, accepted_at, spooled_at, \
        stored_at
        """

    init(_ row: Rows.Row) {
        company = row["company_id"]
        entry = row["entry_id"]
        thread = row["thread_id"]
        direction = (row["direction"] as String?).flatMap(Direction.init)
        outcome = Outcome(rawValue: row["outcome"])
        matched = (row["matched"] as String?).flatMap(MarkerField.init)
        size = row["size"]
        host = row["host"]
        queueID = row["queue_id"]
        acceptedAt = row["accepted_at"]
        spooledAt = row["spooled_at"]
        storedAt = row["stored_at"]
    }
}
