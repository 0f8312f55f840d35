public import Core

/// A sealed name and address in the database, and its binding.
public struct SealedProfile: Hashable, Sendable {
    public let sealed: SealedMessage
    public let binding: Binding

    public init(sealed: SealedMessage, binding: Binding) {
        self.sealed = sealed
        self.binding = binding
    }
}

extension SealedProfile {
    /// From the columns head, tail, entry_id and bound_at. Nil once every key that opened it is destroyed. The subject
    /// is a candidate's id, or 0 for an address.
    init?(_ row: Rows.Row, company: CompanyID, subject: Int64 = 0) {
        guard let head = row["head"] as [UInt8]? else { return nil }
        sealed = SealedMessage(head: head, tail: row["tail"])
        binding = Binding(
            content: .profile, company: company, subject: subject, entry: row["entry_id"], time: row["bound_at"])
    }
}
