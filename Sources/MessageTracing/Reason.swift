public import Core

/// The meaning of each reason code in one sentence, and what to do about it. The table in docs/operations.md says the
/// same; a test compares them.
extension Outcome {
    public var sentence: String {
        switch self {
        case .captured: "It is on the candidate's timeline."
        case .duplicate:
            "The same mail (Message-ID, Date, From and body) is on the timeline already: it came by two paths, in parts for "
                + "different recipients, or was sent again. If one of the parts goes out, the entry is outbound."
        case .noMarker:
            "No header field where a marker counts has one, so the body was not read; counted, and not logged for each message."
        case .badSignature: "It has a marker whose signature is wrong: forged, or damaged on the way."
        case .unsignedMarker:
            "It has a marker of an outside system without a signature of ours, and the company refuses those, or nobody outside "
                + "who writes or is written to is known to be its candidate."
        case .unknownKey:
            "It has a marker of a company or a key that routing does not have: forged, or of a marker key that was retired."
        case .unknownThread:
            "It has a true marker, but the database has no such thread, as after a restore from an old backup."
        case .notParticipant: "It has a true marker of a company that is neither envelope sender nor recipient."
        case .notLimited: "It has a true marker of a company that is not on limited sync."
        case .neverLog:
            "It has a true marker, but sender, recipient or an address of the header is on the company's never-log list."
        case .observeOnly: "It would have been captured, but the company only observes."
        case .forwarded: "The company's forward address became a recipient; the company stores nothing."
        case .alreadyForwarded:
            "It was not forwarded, for the reason that forwarded= gives, and the company stores nothing."
        case .forwardFailed: "It could not be forwarded; the sender was told to try again (451)."
        case .tooLarge: "It is over message_size_limit; Postfix delivered it, the timeline lacks it."
        case .spoolFailed: "It could not be made durable; the sender was told to try again (451)."
        case .erased:
            "It was captured, and not stored: the candidate is anonymous, the message was removed, or it is older than the "
                + "company keeps messages."
        case .ingestRejected: "The database refused it for good."
        }
    }

    public var advice: String {
        switch self {
        case .captured, .duplicate, .noMarker, .forwarded: "nothing"
        case .observeOnly: "nothing; leverctl observe report sums up: docs/modes.md"
        case .alreadyForwarded: "nothing; docs/modes.md"
        case .forwardFailed:
            "the log has the reason: a mail server that does not let filters add recipients, most often"
        case .badSignature: "nothing; many from one source: someone tries"
        case .unsignedMarker:
            "if those threads should be captured: leverctl company set NAME --unsigned-markers known, docs/conversation.md"
        case .unknownKey: "if the company was just added: is routing up to date (leverctl host list)? Else nothing"
        case .unknownThread: "the message is in quarantine/; restore the thread"
        case .notParticipant: "if the company should be: leverctl company set NAME --add-domain DOMAIN"
        case .notLimited: "leverctl company list shows the sync level; leverctl company set NAME --sync limited"
        case .neverLog: "nothing; leverctl never-log list shows the list"
        case .tooLarge: "raise message_size_limit if it should be captured"
        case .spoolFailed: "the log has the reason: disk full, read-only, no sealing key"
        case .erased: "nothing; docs/erasure.md"
        case .ingestRejected: "the message is in quarantine/ with the reason"
        }
    }
}
