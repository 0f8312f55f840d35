/// What a reader is to know of a captured message besides what it says. Stored with it; names never change.
public enum MessageLabel: String, CaseIterable, Sendable {
    /// Written by a program in answer to a message, or for another reason (RFC 3834).
    case autoReply = "auto_reply"
    /// A mail server tells that a message could not be delivered, or was (RFC 3464).
    case bounce
    /// It came by way of a mailing list (RFC 2919, RFC 2369).
    case list
    /// Inbound, and the sender is not the candidate of the thread. The database decides it.
    case unknownSender = "unknown_sender"
    /// Outbound, and the candidate of the thread is not among the recipients: it went to others outside. The database
    /// decides it.
    case forward
    /// The sender is of the company's own domain, and those who checked say that it is not: taken as inbound.
    case spoofedSender = "spoofed_sender"
    /// It has no marker where one counts, and names a message of the thread that was seen before.
    case learnedID = "learned_id"
    /// The thread was started by an outside system: its marker has no signature of ours.
    case unsignedMarker = "unsigned_marker"
    /// Sent with leverctl, which stored it as well.
    case sent
}
