public import Core

/// The end of an attempt to send a message.
public enum SendResult: Hashable, Sendable {
    /// The server took it. It is on the timeline as this entry; another than the message's own, with the outcome
    /// `duplicate`, if a mail host stored it first. With `erased` nothing is stored: the candidate became anonymous.
    case sent(Outcome, EntryID)
    /// It was not sent, or nobody knows (see `SubmissionServer.submit`), and why. It waits in the outbox.
    case failed(String)
}
