/// A privilege of a group role in the schema, as PostgreSQL's catalogue has it.
public struct Privilege: Hashable, Sendable {
    public let role: String
    /// `table`, `view`, `sequence` or `function`.
    public let kind: String
    public let object: String
    public let privilege: String
    /// The columns, if it is not on the whole table.
    public let columns: [String]
    /// Row-level security restricts the rows.
    public let isRestricted: Bool
}
