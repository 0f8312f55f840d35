public import Core

/// A session of re-wrapping, as the role lever_rekey, which sees no content: replaces the heads of sealed messages and
/// profiles. For one thread.
public final class RekeySession {
    let connection: Connection

    /// The login must be a member of lever_rekey with access to the company, and the schema of this program's version.
    public init(_ conninfo: String) throws {
        connection = try .open(conninfo, as: "lever_rekey")
    }

    /// Takes a connection that works as lever_rekey or lever_owner.
    init(_ connection: Connection) {
        self.connection = connection
    }

    /// The company of this name or id, if the login has access to it.
    public func company(_ nameOrID: String) throws -> CompanyRecord {
        try .find(nameOrID, connection)
    }

    /// Oldest first.
    public func sealingKeys(of company: CompanyID) throws -> [StoredSealingKey] {
        try connection.actFor(company)
        return try StoredSealingKey.all(of: company, connection)
    }

    /// Records in the audit that heads are about to be re-wrapped.
    public func recordRewrapping(reason: String, of company: CompanyID) throws {
        try connection.query("SELECT lever.record_rewrapping(\(company), \(reason))")
    }

    /// The number of messages wrapped for each key.
    public func messagesByKey(of company: CompanyID) throws -> [[UInt8]: Int] {
        try connection.actFor(company)
        let counts = try connection.query(
            """
            SELECT key, count(*) FROM lever.message AS m
            JOIN lever.message_key AS k ON k.company_id = m.company_id AND k.entry_id = m.entry_id,
                unnest(m.key_ids) AS key
            WHERE m.company_id = \(company) GROUP BY key
            """)
        return Dictionary(uniqueKeysWithValues: counts.decode(([UInt8], Int).self))
    }

    /// The number of messages wrapped for these keys only.
    public func messages(sealedOnlyTo keyIDs: [[UInt8]], of company: CompanyID) throws -> Int {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT count(*) FROM lever.message AS m
            JOIN lever.message_key AS k ON k.company_id = m.company_id AND k.entry_id = m.entry_id
            WHERE m.company_id = \(company) AND m.key_ids <@ \(keyIDs)
            """
        ).single.decode(Int.self)
    }

    /// The number of messages that are wrapped for `key` and not for exactly the keys of `target`.
    public func count(sealedTo key: [UInt8], target: [[UInt8]], of company: CompanyID) throws -> Int {
        try connection.actFor(company)
        return try connection.query("SELECT count(*) \(Self.pending(company, key, target))").single.decode(Int.self)
    }

    /// The next of those messages, in the order of entries.
    public func heads(
        sealedTo key: [UInt8], target: [[UInt8]], of company: CompanyID, after entry: EntryID?, limit: Int
    ) throws -> [MessageHead] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT m.entry_id, k.head, m.key_ids \(Self.pending(company, key, target))
                AND (\(entry) IS NULL OR m.entry_id > \(entry))
            ORDER BY m.entry_id LIMIT \(limit)
            """
        ).map { MessageHead(entry: $0["entry_id"], head: $0["head"], keyIDs: $0["key_ids"]) }
    }

    private static func pending(_ company: CompanyID, _ key: [UInt8], _ target: [[UInt8]]) -> Query {
        """
        FROM lever.message AS m
        JOIN lever.message_key AS k ON k.company_id = m.company_id AND k.entry_id = m.entry_id
        WHERE m.company_id = \(company) AND \(key) = ANY (m.key_ids)
            AND NOT (m.key_ids @> \(target) AND m.key_ids <@ \(target))
        """
    }

    /// Replaces heads in one transaction. A head that has changed since it was read is left as it is.
    public func replace(_ heads: [(old: MessageHead, new: [UInt8], keyIDs: [[UInt8]])], of company: CompanyID) throws {
        try connection.actFor(company)
        try connection.transaction {
            for (old, new, keyIDs) in heads {
                let replaced = try connection.query(
                    """
                    UPDATE lever.message_key SET head = \(new)
                    WHERE company_id = \(company) AND entry_id = \(old.entry) AND head = \(old.head) RETURNING entry_id
                    """)
                guard !replaced.isEmpty else { continue }
                try connection.query(
                    """
                    UPDATE lever.message SET key_ids = \(keyIDs) WHERE company_id = \(company) AND entry_id = \(old.entry)
                    """)
            }
        }
    }
}
