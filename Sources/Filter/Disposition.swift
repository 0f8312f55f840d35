import Core
import Spool

/// The end of an inspected message's story: one log line, and one delivery record in the database.
struct Disposition: Sendable {
    let outcome: Outcome
    let queueID: String
    /// As the marker says, or what else it was recognised by. Where the outcome is bad_signature or unknown_key, this is a claim.
    let company: CompanyID?
    let thread: ThreadID?
    /// The header field that it was recognised by.
    let matched: MarkerField?
    let direction: Direction?
    /// Bytes of the raw message as far as they were seen; nil where the filter left before its body.
    let size: Int?
    /// Nil where nothing was to be forwarded.
    let forwarded: Forwarded?
    let time: Timestamp
    /// The record's id: brought twice, it is one row.
    let entry: EntryID
    /// Nil where the company is not known or the marker is false, and where the message has no Message-ID.
    let messageIDIndex: BlindIndex?
    /// Nil where it never was in the spool.
    let spooledAt: Timestamp?

    init(
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
    init(_ outcome: Outcome, _ message: SpooledMessage) {
        let header = message.header
        self.outcome = outcome
        queueID = header.queueID
        company = header.company
        thread = header.thread
        matched = header.matched
        direction = header.direction
        size = message.size
        forwarded = header.forwarded
        messageIDIndex = header.blindMessageID
        spooledAt = message.seal.spooledAt
        time = header.acceptedAt
        entry = header.entry
    }
}
