public import Core

/// Why a message cannot be sent, in one line that says what to do. But for `notRecorded`, nothing was sent, and nothing
/// is in the outbox.
public enum SendError: Error, Hashable, CustomStringConvertible, Sendable {
    /// The user has not opted in.
    case notOptedIn
    /// No mail account is saved for the user.
    case noAccount
    /// The saved account is not signed with a key at hand for this row and user.
    case foreignAccount
    /// What is wrong with the saved account, although it is signed.
    case unusableAccount(String)
    /// The candidate's name and address are not signed with a key at hand, or not those that were added.
    case foreignProfile(CandidateID)
    /// Nobody has confirmed the candidate's address.
    case unconfirmedProfile(CandidateID)
    /// The candidate's address is not the one that the sender expects.
    case otherAddress
    /// The message that is answered does not ask for answers at the address that was given.
    case notReplyTo
    /// The address that the message asks answers for is not used, and why.
    case refusedReplyTo(ReplyRequest.Refusal)
    /// The candidate's address is too long for a command.
    case unusableAddress
    /// The database gave a marker or token that does not belong into a header.
    case malformedMarker
    /// A message in the outbox is not signed with a key at hand for this user.
    case foreignMessage(EntryID)
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
        case .unusableAccount(let what):
            "the saved mail account cannot be used: \(what); save it again with leverctl account set"
        case .foreignProfile(let candidate):
            "the candidate's name and address are not signed with this private key: somebody exchanged them, or the key "
                + "was replaced since. Nothing was sent. If they are right: leverctl candidate confirm \(candidate)"
        case .unconfirmedProfile(let candidate):
            "nobody has confirmed the candidate's address with the company's key; nothing was sent. Confirm it with "
                + "leverctl candidate confirm \(candidate), or give the address with --to-address"
        case .otherAddress:
            "the candidate's address is another than the message is for; nothing was sent: leverctl candidate list "
                + "shows it"
        case .notReplyTo:
            "the message that is answered does not have that address in Reply-To; nothing was sent: leverctl timeline "
                + "shows it"
        case .refusedReplyTo(let refusal):
            "the address in Reply-To is not used, because \(refusal.words); nothing was sent: without --reply-address "
                + "the answer goes to the candidate's address"
        case .unusableAddress:
            "the candidate's address is longer than mail servers take (254 bytes, its domain in ASCII); nothing was sent"
        case .malformedMarker:
            "the database gave a malformed marker; nothing was sent: find out who changed its functions (leverctl "
                + "init-db repairs them)"
        case .foreignMessage(let entry):
            "message \(entry) in the outbox is not signed with this private key for you: somebody else put it there, or "
                + "the key was replaced since; it was not sent: leverctl outbox discard"
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

extension ReplyRequest.Refusal {
    /// After "because".
    public var words: String {
        switch self {
        case .unclear: "there are several, or it cannot be told which it is"
        case .company: "it is at one of the company's own domains"
        case .otherAuthor: "the message is not from the candidate's address"
        case .forged: "the message is not from whom it claims to be"
        }
    }
}
