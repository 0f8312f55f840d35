public import Core

/// The meaning of each reason code in one sentence, and what to do about it. docs/reference/log.md has the same table;
/// a test compares them.
extension Outcome {
    public var sentence: String {
        switch self {
        case .captured: "It is on the candidate's timeline."
        case .duplicate:
            "The same mail is already on the thread's timeline: it arrived by two paths, was split by "
                + "recipient, or was sent again. The entry is outbound if one of the parts went out."
        case .noMarker:
            "No header field that counts has a marker, so the body was not read. Counted, not logged per message."
        case .badSignature: "Its marker has a wrong signature: forged, or damaged in transit."
        case .unsignedMarker:
            "Its marker is an outside system's, without a signature of ours. The company refuses those, or neither the "
                + "outside sender nor an outside recipient is a known candidate."
        case .unknownKey:
            "Its marker names a company or key that is not in the routing: forged, or signed with a retired marker key."
        case .unknownThread:
            "Its marker is valid, but the database has no such thread, for example after a restore from an old backup."
        case .notParticipant: "Its marker is valid, but that company is neither envelope sender nor recipient."
        case .notLimited: "Its marker is valid, but that company is not on limited sync."
        case .neverLog:
            "Its marker is valid, but the sender, a recipient or an address in the header is on the company's "
                + "never-log list."
        case .withdrawnMarker: "Its marker is valid, but the thread was withdrawn."
        case .expiredMarker:
            "Its marker is valid, but older than the company's marker lifetime, and so is the last message of the company "
                + "in its thread."
        case .observeOnly: "It would have been captured, but the company only observes."
        case .forwarded: "The company's forward address was added as a recipient; the company stores nothing."
        case .alreadyForwarded:
            "It was not forwarded, for the reason in forwarded=, and the company stores nothing."
        case .forwardFailed: "It could not be forwarded; the sender was asked to try again (451)."
        case .tooLarge: "It is larger than message_size_limit. Postfix delivered it; the timeline lacks it."
        case .spoolFailed: "It could not be made durable; the sender was asked to try again (451)."
        case .erased:
            "It was captured but not stored: the candidate is anonymous, the message was removed, or it is older than "
                + "the company keeps messages."
        case .ingestRejected: "The database refused it permanently."
        }
    }

    public var advice: String {
        switch self {
        case .captured, .duplicate, .noMarker, .forwarded: "nothing"
        case .observeOnly: "nothing; leverctl observe report sums up: docs/howto/modes.md"
        case .alreadyForwarded: "nothing; docs/howto/modes.md"
        case .forwardFailed:
            "the log has the reason, most often a mail server that does not let filters add recipients"
        case .badSignature: "nothing; many from one source mean that somebody is trying"
        case .unsignedMarker:
            "to capture those threads: leverctl company set NAME --unsigned-markers known, "
                + "docs/explanation/conversation.md"
        case .unknownKey:
            "if the company was just added: is routing up to date (leverctl host list)? Otherwise nothing"
        case .unknownThread: "the message is in quarantine/; restore the thread"
        case .notParticipant: "if it should be: leverctl company set NAME --add-domain DOMAIN"
        case .notLimited: "leverctl company list shows the sync level; leverctl company set NAME --sync limited"
        case .neverLog: "nothing; leverctl never-log list shows the list"
        case .withdrawnMarker: "to take its messages again: leverctl thread restore THREAD --company NAME"
        case .expiredMarker:
            "start a new thread, or write in this one; leverctl company set NAME --marker-lifetime DAYS changes the time"
        case .tooLarge: "raise message_size_limit if it should be captured"
        case .spoolFailed: "the log has the reason: disk full, read-only, no sealing key"
        case .erased: "nothing; docs/howto/erase.md"
        case .ingestRejected: "the message is in quarantine/ with the reason"
        }
    }
}
