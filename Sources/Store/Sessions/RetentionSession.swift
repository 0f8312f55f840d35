public import Core

/// Erases what is older than companies keep, as the role lever_retention, which reads nothing. For one thread.
public final class RetentionSession {
    private let connection: Connection

    /// The login must be a member of lever_retention with access to the company, and the schema of this program's version.
    public init(_ conninfo: String) throws {
        connection = try .open(conninfo, as: "lever_retention")
    }

    /// Those that the login has access to.
    public func companies() throws -> [CompanyRecord] {
        try CompanyRecord.all(connection)
    }

    /// The company of this name or id, if the login has access to it.
    public func company(_ nameOrID: String) throws -> CompanyRecord {
        try .find(nameOrID, connection)
    }

    /// Deletes expired messages and rows of the delivery log, at most so many of each, and returns how many it were: ask
    /// again until there are fewer. `messages` is nil if the company keeps them for ever. Throws `StoreError.refused`.
    public func deleteExpired(of company: CompanyID, atMost limit: Int) throws -> (messages: Int?, records: Int) {
        let row = try connection.query(
            "SELECT messages, records, refusal FROM lever.apply_retention($1, $2)", .bigint(company.rawValue),
            .integer(Int32(limit)))[0]
        guard row.isNull(2) else { throw StoreError.refused(row.text(2)) }
        return (row.isNull(0) ? nil : Int(row.bigint(0)), Int(row.bigint(1)))
    }

    /// The same for rows of the delivery log that name no company there is.
    public func deleteStrayRecords(atMost limit: Int) throws -> Int {
        Int(try connection.query("SELECT lever.delete_stray_records($1)", .integer(Int32(limit)))[0].bigint(0))
    }
}
