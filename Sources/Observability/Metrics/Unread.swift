/// The step at which a message was accepted unread.
public enum Unread: CaseIterable, Sendable {
    /// No company on limited sync among sender and recipients: not even the header was seen.
    case atEnvelope
    /// No marker: the body was never sent to the filter.
    case atHeader
}
