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

    /// The companies that the login has access to.
    public func companies() throws -> [CompanyRecord] {
        try CompanyRecord.all(connection)
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
        let refusal = try connection.query("SELECT lever.record_rewrapping(\(company), \(reason))").single
            .decode(String?.self)
        if let refusal { throw StoreError.refused(refusal) }
    }

    // Whom a message is wrapped for is read from its head: a column could say anything.

    /// The number of messages wrapped for each key.
    public func messagesByKey(of company: CompanyID) throws -> [[UInt8]: Int] {
        try connection.actFor(company)
        let counts = try connection.query(
            """
            SELECT key, count(*) FROM lever.message_key AS k, unnest(lever.head_key_ids(k.head)) AS key
            WHERE k.company_id = \(company) GROUP BY key
            """)
        return Dictionary(uniqueKeysWithValues: counts.decode(([UInt8], Int).self))
    }

    /// The number of messages wrapped for these keys only.
    public func messages(sealedOnlyTo keyIDs: [[UInt8]], of company: CompanyID) throws -> Int {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT count(*) FROM lever.message_key AS k
            WHERE k.company_id = \(company) AND lever.head_key_ids(k.head) <@ \(keyIDs)
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
            SELECT k.entry_id, k.head \(Self.pending(company, key, target))
                AND (\(entry) IS NULL OR k.entry_id > \(entry))
            ORDER BY k.entry_id LIMIT \(limit)
            """
        ).map { MessageHead(entry: $0["entry_id"], head: $0["head"]) }
    }

    private static func pending(_ company: CompanyID, _ key: [UInt8], _ target: [[UInt8]]) -> Query {
        """
        FROM lever.message_key AS k, LATERAL (SELECT lever.head_key_ids(k.head) AS ids OFFSET 0) AS h
        WHERE k.company_id = \(company) AND \(key) = ANY (h.ids) AND NOT (h.ids @> \(target) AND h.ids <@ \(target))
        """
    }

    /// Replaces heads in one transaction, with a row of the audit. A head that has changed since it was read is left as
    /// it is. Returns the number of heads replaced.
    ///
    /// Throws `StoreError.refused`, having replaced nothing, if a new head is not the old one wrapped for exactly the
    /// keys in use; an administrator may also take recipients away.
    @discardableResult
    public func replace(_ heads: [HeadReplacement], of company: CompanyID) throws -> Int {
        let (replaced, refusal) = try connection.query(
            """
            SELECT replaced::bigint, refusal FROM lever.replace_heads(
                \(company), \(heads.map(\.kind)), \(heads.map(\.entry)), \(heads.map(\.old)), \(heads.map(\.new)))
            """
        ).single.decode((Int, String?).self)
        if let refusal { throw StoreError.refused(refusal) }
        return replaced
    }
}
