public import Core

/// Why a message cannot be sent, in one line that says what to do. But for `notRecorded`, nothing was sent, and nothing is
/// in the outbox.
public enum SendError: Error, Hashable, CustomStringConvertible, Sendable {
    /// The user has not opted in.
    case notOptedIn
    /// No mail account is saved for the user.
    case noAccount
    /// The saved account is not signed with a key at hand for this row and user.
    case foreignAccount
    /// The saved account has a form that this version does not read.
    case accountVersion
    /// There is no access token, and why; never the token itself.
    case noToken(String)
    /// In bytes.
    case tooLarge(size: Int, limit: Int)
    /// The server took the message, but the user may not record it any more, and why. It stays in the outbox.
    case notRecorded(EntryID, String)

    public var description: String {
        switch self {
        case .notOptedIn:
            "you have not agreed that mail is sent for you: leverctl user opt-in --company …"
        case .noAccount:
            "no mail account is saved for this user; save one with leverctl account set"
        case .foreignAccount:
            "the saved mail account is not signed with this private key: somebody else saved it, or the key was "
                + "replaced "
                + "since; save it again with leverctl account set"
        case .accountVersion:
            "another version of leverctl saved the mail account; save it again with leverctl account set"
        case .noToken(let problem): problem
        case .tooLarge(let size, let limit):
            "the message has \(size) bytes, and message_size_limit is \(limit); attach less"
        case .notRecorded(let entry, let refusal):
            "the message was sent, but is not on the timeline: \(refusal). It stays in the "
                + "outbox as \(entry) until it is discarded: leverctl outbox discard"
        }
    }
}
