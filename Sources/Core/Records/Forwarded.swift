/// What came of forwarding a message that was to be forwarded. Operators search logs for these words; they never change.
public enum Forwarded: String, CaseIterable, Sendable {
    /// The company's forward address became a recipient.
    case yes
    /// The forward address is the sender or a recipient anyway.
    case recipient
    /// It was forwarded when it passed before, on this or another host.
    case before
    /// It passed so often, changed each time, that it goes in a circle.
    case loop
}
