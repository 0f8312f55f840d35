/// A label that readers see on a captured message. Stored with it; raw values never change.
public enum MessageLabel: String, CaseIterable, Sendable {
    /// Written by a program, in reply to a message or for another reason (RFC 3834).
    case autoReply = "auto_reply"
    /// A delivery status notification (RFC 3464).
    case bounce
    /// Sent through a mailing list (RFC 2919, RFC 2369).
    case list
    /// Inbound, but the sender is not the thread's candidate. Decided by the database.
    case unknownSender = "unknown_sender"
    /// Outbound, but to others outside and not to the thread's candidate. Decided by the database.
    case forward
    /// The sender claims the company's domain, but failed authentication; treated as inbound.
    case spoofedSender = "spoofed_sender"
    /// Recognised without a marker: it names a message of the thread that was captured before.
    case learnedID = "learned_id"
    /// The thread was started by an external system, with an unsigned marker.
    case unsignedMarker = "unsigned_marker"
    /// Sent, and stored, by leverctl.
    case sent
}
