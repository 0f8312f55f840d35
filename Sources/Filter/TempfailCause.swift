import Core
import Inspection
import Spool

/// Why senders are asked to try again, in few words that a counter can have.
enum TempfailCause: String, CaseIterable {
    /// The spool's disk is full.
    case noRoom = "no_room"
    /// The spool could not be written for another reason.
    case spool
    /// The company has no sealing key.
    case missingKey = "missing_key"
    case sessionLimit = "session_limit"
    case inFlightLimit = "in_flight_limit"
    case stopping
    /// A failure of a library, or of ours.
    case other

    init(_ error: any Error) {
        self =
            switch error {
            case let error as SpoolError: error.isFull ? .noRoom : .spool
            case let refusal as Admission.Refusal: refusal.cause
            case is Routing.Company.MissingKey: .missingKey
            default: .other
            }
    }
}
