import Core
import Inspection

extension Plan {
    /// The plan that counts first: the only one, unless the message is of several companies' threads.
    init(
        header: BoundedHeader, envelope: Envelope, client: Client = .forgotten, rules: InspectionContext
    ) throws {
        self = try Plan.all(header: header, envelope: envelope, client: client, rules: rules)[0]
    }
}
