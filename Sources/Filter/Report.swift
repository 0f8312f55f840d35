import Core
import Spool

/// The end of an inspected message's story: one log line, and one delivery record in the database.
struct Report: Sendable {
    let outcome: Outcome
    let queueID: String
    /// As the marker says. Where the outcome is bad_signature or unknown_key, this is a claim.
    let company: CompanyID?
    let thread: ThreadID?
    let direction: Direction?
    /// Bytes of the raw message as far as they were seen; nil where the filter left before its body.
    let size: Int?
    let time: Timestamp
    /// The record's id: brought twice, it is one row.
    let entry: EntryID

    init(_ outcome: Outcome, queueID: String, marker: Marker?, direction: Direction? = nil, size: Int? = nil) {
        self.outcome = outcome
        self.queueID = queueID
        company = marker?.company
        thread = marker?.thread
        self.direction = direction
        self.size = size
        time = .now()
        entry = .make(at: time)
    }

    /// Of a message that was in the spool.
    init(_ outcome: Outcome, _ header: SpoolHeader, size: Int) {
        self.outcome = outcome
        queueID = header.queueID
        company = header.company
        thread = header.thread
        direction = header.direction
        self.size = size
        time = header.acceptedAt
        entry = .make(at: time)
    }
}
