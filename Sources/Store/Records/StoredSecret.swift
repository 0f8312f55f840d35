public import Core

/// A marker or index key, known by its version.
public struct StoredSecret: Hashable, Sendable {
    public let kind: KeyKind
    public let version: UInt8
    public let state: KeyState
    /// 32 bytes; nil once destroyed.
    public let key: [UInt8]?
    public let createdAt: Timestamp
}

extension StoredSecret {
    /// By kind and version.
    static func all(of company: CompanyID, _ connection: Connection) throws(DatabaseError) -> [StoredSecret] {
        try connection.query(
            """
            SELECT kind, version, state, secret, created_at FROM lever.company_secret
            WHERE company_id = \(company) ORDER BY kind DESC, version
            """
        ).map { row in
            StoredSecret(
                kind: row["kind"], version: row["version"], state: row["state"], key: row["secret"],
                createdAt: row["created_at"])
        }
    }
}
