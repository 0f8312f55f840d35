import Core
import Inspection
import Observability
import Spool

extension TempfailCause {
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
