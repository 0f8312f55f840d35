public import Core
public import Spool

/// How an inspected message ended: one log line, and one delivery record in the database.
public struct Disposition: Sendable {
    public let outcome: Outcome
    public let queueID: String
    /// Named by the marker, or by the learned id. If the outcome is bad_signature or unknown_key, this is only a claim.
    public let company: CompanyID?
    public let thread: ThreadID?
    /// The header field that it was recognised by.
    public let matched: MarkerField?
    public let direction: Direction?
    /// Bytes of the raw message that were seen; nil if it was accepted before its body.
    public let size: Int?
    /// Nil if it was not to be forwarded.
    public let forwarded: Forwarded?
    public let time: Timestamp
    /// The record's id: a record that is sent twice becomes one row.
    public let entry: EntryID
    /// Nil if the company is unknown, the marker is false, or the message has no Message-ID.
    public let messageIDIndex: BlindIndex?
    /// Nil if it was never in the spool.
    public let spooledAt: Timestamp?

    public init(
        _ outcome: Outcome, queueID: String, found: ThreadReference?, direction: Direction? = nil, size: Int? = nil,
        messageIDIndex: BlindIndex? = nil, forwarded: Forwarded? = nil
    ) {
        self.outcome = outcome
        self.queueID = queueID
        company = found?.company
        thread = found?.thread
        matched = found?.field
        self.messageIDIndex = messageIDIndex
        spooledAt = nil
        self.direction = direction
        self.size = size
        self.forwarded = forwarded
        time = .now()
        entry = .make(at: time)
    }

    /// Of a message that was in the spool.
    public init(_ outcome: Outcome, _ message: SpooledMessage) {
        let record = message.record
        self.outcome = outcome
        queueID = record.queueID
        company = record.company
        thread = record.thread
        matched = record.matched
        direction = record.direction
        size = message.size
        forwarded = record.forwarded
        messageIDIndex = record.blindMessageID
        spooledAt = record.spooledAt
        time = record.acceptedAt
        entry = record.entry
    }
}
