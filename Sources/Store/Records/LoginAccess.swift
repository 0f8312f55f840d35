/// A login that may work as one or more of the group roles.
public struct LoginAccess: Hashable, Sendable {
    public let login: String
    public let groups: [String]
    /// It is not subject to row-level security.
    public let isPrivileged: Bool
    /// Names of companies that it is a user of, with its role there, or has access to.
    public let companies: [String]
}
