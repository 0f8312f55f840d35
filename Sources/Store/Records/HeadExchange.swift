public import Core

/// An exchange of heads that can be taken back: a row of the audit, and how many heads it replaced.
public struct HeadExchange: Hashable, Sendable {
    public let row: Int64
    public let login: String
    public let at: Timestamp
    public let heads: Int
}
