public import Core

/// An administrator's session, as the role lever_owner: companies, keys, candidates, threads, users. For one thread.
///
/// Every function runs in one transaction. It throws `StoreError` for what cannot be done and `DatabaseError` for an
/// error of the database.
public final class OwnerSession {
    let connection: Connection

    /// The login must be a member of lever_owner, and the schema of this program's version.
    public init(_ conninfo: String) throws {
        connection = try .open(conninfo, as: "lever_owner")
    }

    /// Takes a connection that works as lever_owner.
    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Every company, sorted by name.
    public func companies() throws -> [CompanyRecord] {
        try CompanyRecord.all(connection)
    }

    /// The company of this name or id.
    public func company(_ nameOrID: String) throws -> CompanyRecord {
        try .find(nameOrID, connection)
    }

    /// The routing that mail hosts get, in no order.
    public func routing() throws -> [Routing.Row] { try connection.routing() }

    /// Re-wrapping of heads, with an administrator's rights.
    public var rekeying: RekeySession { RekeySession(connection) }

    /// Appends an administrator's action to the company's audit, within the current transaction.
    func audit(_ action: String, _ reason: String, of company: CompanyID) throws {
        try connection.actFor(company)
        try connection.query("SELECT lever.append_audit(\(action), true, NULL, NULL, NULL, \(reason))")
    }
}
