/// The result of forwarding a message. Operators search logs for these words; they never change.
public enum Forwarded: String, CaseIterable, Sendable {
    /// The company's forward address became a recipient.
    case yes
    /// The forward address is the sender or a recipient already.
    case recipient
    /// It was forwarded when it passed earlier, on this host or another.
    case before
    /// Not forwarded: it passed so often, changed each time, that it must be in a loop.
    case loop
}
