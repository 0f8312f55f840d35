/// What became of an inspected message: its reason code. Operators search logs for these names; they never change.
public enum Outcome: String, CaseIterable, Sendable {
    /// Stored on the candidate's timeline.
    case captured
    /// The same mail was stored before.
    case duplicate
    /// No marker where one counts.
    case noMarker = "no_marker"
    /// A marker whose MAC is wrong: forged or damaged.
    case badSignature = "bad_signature"
    /// A marker of an outside system, which nobody of ours signed, and the company does not take those, or its candidate
    /// is not known.
    case unsignedMarker = "unsigned_marker"
    /// A marker of a company or a marker key that is not known (any more).
    case unknownKey = "unknown_key"
    /// A true marker, but the database has no such thread.
    case unknownThread = "unknown_thread"
    /// A true marker of a company that is neither sender nor recipient.
    case notParticipant = "not_participant"
    /// A true marker of a company that is not on limited sync.
    case notLimited = "not_limited"
    /// A true marker, but the sender or a recipient is on the company's never-log list.
    case neverLog = "never_log"
    /// Decided, logged, but not stored, since the company only observes.
    case observeOnly = "observe_only"
    /// Delivered to the company's forward address as well; the company stores nothing.
    case forwarded
    /// Not forwarded, and the company stores nothing: it was forwarded before, or the forward address is its sender or a
    /// recipient anyway.
    case alreadyForwarded = "already_forwarded"
    /// It could not be forwarded; the sender was told to try again.
    case forwardFailed = "forward_failed"
    /// Larger than the configured limit.
    case tooLarge = "too_large"
    /// The spool could not take it; the sender was told to try again.
    case spoolFailed = "spool_failed"
    /// Captured, and given up since it was erased before the database had it: the candidate is anonymous, the message was
    /// removed, or it is older than the company keeps.
    case erased
    /// The database refused it for good; it is kept in quarantine.
    case ingestRejected = "ingest_rejected"
}
