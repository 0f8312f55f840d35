/// Why a message was deferred, as a label of a counter.
public enum TempfailCause: String, CaseIterable, Sendable {
    /// The spool's disk is full.
    case noRoom = "no_room"
    /// The spool could not be written for another reason.
    case spool
    /// The company has no sealing key.
    case missingKey = "missing_key"
    case sessionLimit = "session_limit"
    case inFlightLimit = "in_flight_limit"
    case stopping
    /// A failure of a library, or a bug.
    case other
}
