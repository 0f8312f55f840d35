public import Core

/// The session of scheduled erasure, as the role lever_retention, which can read nothing: deletes what companies keep
/// no longer. For one thread.
public final class RetentionSession {
    private let connection: Connection

    /// The login must be a member of lever_retention with access to the company, and the schema of this program's
    /// version.
    public init(_ conninfo: String) throws {
        connection = try .open(conninfo, as: "lever_retention")
    }

    /// The companies that the login has access to.
    public func companies() throws -> [CompanyRecord] {
        try CompanyRecord.all(connection)
    }

    /// The company of this name or id, if the login has access to it.
    public func company(_ nameOrID: String) throws -> CompanyRecord {
        try .find(nameOrID, connection)
    }

    /// Deletes at most `limit` expired messages and `limit` expired rows of the delivery log, and returns the number of
    /// each: call again while one of them is `limit`. `messages` is nil if the company keeps them without limit. Throws
    /// `StoreError.refused`.
    public func deleteExpired(of company: CompanyID, atMost limit: Int) throws -> (messages: Int?, records: Int) {
        let row = try connection.query(
            "SELECT messages, records, refusal FROM lever.apply_retention(\(company), \(Int32(limit)))"
        ).single
        if let refusal = row["refusal"] as String? { throw StoreError.refused(refusal) }
        return (row["messages"], row["records"])
    }

    /// The same for rows of the delivery log that belong to no existing company.
    public func deleteStrayRecords(atMost limit: Int) throws -> Int {
        try connection.query("SELECT lever.delete_stray_records(\(Int32(limit)))").single.decode(Int.self)
    }
}
