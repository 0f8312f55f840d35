public import Core

/// An address or a domain whose mail is never captured.
public struct NeverLogEntry: Hashable, Sendable {
    public enum What: Hashable, Sendable {
        case domain(String)
        /// Sealed; nil once every key that opened it is destroyed.
        case address(SealedProfile?)
    }

    public let entry: EntryID
    public let what: What
    public let addedAt: Timestamp
}
