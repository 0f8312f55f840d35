public import Core

/// The head of anything sealed that is not a message on a timeline: a profile, a mail account, a message in the outbox.
public struct ProfileHead: Hashable, Sendable {
    public enum Owner: Hashable, Sendable {
        case candidate(CandidateID)
        /// Of a user or a never-log entry.
        case address(EntryID)
        /// The settings of a user's mail account.
        case account(login: String)
        /// A message in the outbox.
        case outgoing(EntryID)
    }

    public let owner: Owner
    /// The entry that it is sealed as.
    public let entry: EntryID
    public let head: [UInt8]
}
