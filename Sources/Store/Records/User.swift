public import Core

/// A person who reads timelines through a database login.
public struct User: Hashable, Sendable {
    public let login: String
    public let role: UserRole
    public let isEnabled: Bool
    public let addedAt: Timestamp
    /// The user's consent to sending from, and reading, the user's own mailbox. Only the user can change it.
    public let maySend: Bool
    public let mayRead: Bool
    /// The mail address, sealed; nil once every key that opened it is destroyed.
    public let address: SealedProfile?
}
