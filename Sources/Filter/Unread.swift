/// How far a message came that was let through unread.
enum Unread: CaseIterable {
    /// No company on limited sync among sender and recipients: not even the header was seen.
    case unreadAtEnvelope
    /// No marker: the body was never sent to the filter.
    case unreadAtHeader
}
