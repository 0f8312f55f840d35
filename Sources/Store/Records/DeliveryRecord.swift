public import Core

/// A row of the delivery log: what became of an inspected message that has a marker.
public struct DeliveryRecord: Hashable, Sendable {
    public let company: CompanyID
    public let entry: EntryID
    public let thread: ThreadID
    public let direction: Direction?
    /// Nil where a later schema knows one that this program does not.
    public let outcome: Outcome?
    /// The header field that the marker was found in; nil in rows of older versions.
    public let matched: MarkerField?
    /// Bytes of the raw message, as far as they were seen.
    public let size: Int?
    public let host: String
    public let queueID: String
    /// When its header was read, when it was whole in the spool, and when this row was written.
    public let acceptedAt: Timestamp
    public let spooledAt: Timestamp?
    public let storedAt: Timestamp

    static let columns = """
        company_id, entry_id, thread_id, direction, outcome, matched, size, host, queue_id, accepted_at, spooled_at, \
        stored_at
        """

}

extension DeliveryRecord {
    init(_ row: Rows.Row) {
        func optional<Value>(_ column: Int32, _ read: (Int32) -> Value) -> Value? {
            row.isNull(column) ? nil : read(column)
        }
        company = CompanyID(rawValue: row.bigint(0))
        entry = row.uuid(1)
        thread = ThreadID(rawValue: row.bigint(2))
        direction = optional(3, row.text).flatMap(Direction.init)
        outcome = Outcome(rawValue: row.text(4))
        matched = optional(5, row.text).flatMap(MarkerField.init)
        size = optional(6, row.bigint).map { Int($0) }
        host = row.text(7)
        queueID = row.text(8)
        acceptedAt = row.timestamp(9)
        spooledAt = optional(10, row.timestamp)
        storedAt = row.timestamp(11)
    }
}
