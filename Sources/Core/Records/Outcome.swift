/// The outcome of an inspected message, as a reason code. Operators search logs for these names; they never change.
public enum Outcome: String, CaseIterable, Sendable {
    /// Stored on the candidate's timeline.
    case captured
    /// The same message was stored before.
    case duplicate
    /// No marker in a field where one counts.
    case noMarker = "no_marker"
    /// A marker with a wrong MAC: forged or damaged.
    case badSignature = "bad_signature"
    /// An unsigned marker of an external system that the company does not accept, or whose candidate is unknown.
    case unsignedMarker = "unsigned_marker"
    /// A marker of an unknown company, or of a marker key that is unknown or retired.
    case unknownKey = "unknown_key"
    /// A valid marker, but the database has no such thread.
    case unknownThread = "unknown_thread"
    /// A valid marker of a company that is neither sender nor recipient.
    case notParticipant = "not_participant"
    /// A valid marker of a company that is not on limited sync.
    case notLimited = "not_limited"
    /// A valid marker, but the sender or a recipient is on the company's never-log list.
    case neverLog = "never_log"
    /// A valid marker of a thread whose marker was withdrawn.
    case withdrawnMarker = "withdrawn_marker"
    /// A valid marker, but nothing was written in its thread by the company for longer than markers of the company
    /// live.
    case expiredMarker = "expired_marker"
    /// Decided and logged, but not stored, since the company only observes.
    case observeOnly = "observe_only"
    /// Also delivered to the company's forward address; the company stores nothing.
    case forwarded
    /// Not forwarded, and the company stores nothing: it was forwarded before, or the forward address is its sender or
    /// a recipient already.
    case alreadyForwarded = "already_forwarded"
    /// It could not be forwarded; the sender will try again.
    case forwardFailed = "forward_failed"
    /// Larger than the configured limit.
    case tooLarge = "too_large"
    /// It could not be spooled; the sender will try again.
    case spoolFailed = "spool_failed"
    /// Captured, then discarded because it was erased before the database had it: the candidate is anonymous, the
    /// message was removed, or it is older than the company's retention.
    case erased
    /// Permanently refused by the database; kept in quarantine.
    case ingestRejected = "ingest_rejected"
}
