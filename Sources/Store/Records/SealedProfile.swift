public import Core

/// A sealed name and address in the database, with what it must be bound to.
public struct SealedProfile: Hashable, Sendable {
    public let sealed: SealedMessage
    public let binding: Binding

    public init(sealed: SealedMessage, binding: Binding) {
        self.sealed = sealed
        self.binding = binding
    }

    /// From head, tail, entry and time in four columns from `column` on. Nil where the keys that opened it are destroyed.
    /// The subject is a candidate's id, 0 for an address.
    init?(_ row: Rows.Row, from column: Int32, company: CompanyID, subject: Int64 = 0) {
        guard !row.isNull(column) else { return nil }
        sealed = SealedMessage(head: row.bytea(column), tail: row.bytea(column + 1))
        binding = Binding(
            content: .profile, company: company, subject: subject, entry: row.uuid(column + 2),
            time: row.timestamp(column + 3))
    }
}

/// The new blind index of an address whose profile was opened.
public struct Reindexed: Sendable {
    public var profile: SealedProfile
    public var index: [UInt8]

    public init(profile: SealedProfile, index: [UInt8]) {
        self.profile = profile
        self.index = index
    }
}

/// A sealed address with its index under each live index key.
public struct NewAddress: Sendable {
    public var profile: SealedProfile
    public var indices: [(version: UInt8, index: [UInt8])]

    public init(profile: SealedMessage, binding: Binding, indices: [(version: UInt8, index: [UInt8])]) {
        self.profile = SealedProfile(sealed: profile, binding: binding)
        self.indices = indices
    }
}
