public import Core

/// The head of a message, with the keys it is wrapped for.
public struct MessageHead: Hashable, Sendable {
    public let entry: EntryID
    public let head: [UInt8]
    /// 20 bytes each.
    public let keyIDs: [[UInt8]]
}

/// The head of a sealed name and address, or of another thing that is no message on a timeline.
public struct ProfileHead: Hashable, Sendable {
    public enum Owner: Hashable, Sendable {
        case candidate(CandidateID)
        /// Of a user or a never-log entry.
        case address(EntryID)
        /// How a user's mail account is reached.
        case account(login: String)
        /// A message that waits in the outbox.
        case outgoing(EntryID)
    }

    public let owner: Owner
    public let head: [UInt8]
}

/// Exchanges the heads of sealed messages and profiles, as the role lever_rekey, which sees no content. For one thread.
public final class RekeySession {
    private let connection: Connection

    /// The login must be a member of lever_rekey with access to the company, and the schema of this program's version.
    public init(_ conninfo: String) throws {
        connection = try .open(conninfo, as: "lever_rekey")
    }

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

    /// Writes into the audit that heads are about to be re-wrapped.
    public func recordRewrapping(reason: String, of company: CompanyID) throws {
        try connection.query(
            "SELECT lever.record_rewrapping($1, $2)", .bigint(company.rawValue), .text(reason))
    }

    /// How many messages are wrapped for each key.
    public func messagesByKey(of company: CompanyID) throws -> [[UInt8]: Int] {
        try connection.actFor(company)
        let rows = try connection.query(
            """
            SELECT key, count(*) FROM lever.message AS m
            JOIN lever.message_key AS k ON k.company_id = m.company_id AND k.entry_id = m.entry_id,
                unnest(m.key_ids) AS key
            WHERE m.company_id = $1 GROUP BY key
            """,
            .bigint(company.rawValue))
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.bytea(0), Int($0.bigint(1))) })
    }

    /// How many messages are wrapped for none but these keys.
    public func messages(sealedOnlyTo keyIDs: [[UInt8]], of company: CompanyID) throws -> Int {
        try connection.actFor(company)
        let rows = try connection.query(
            """
            SELECT count(*) FROM lever.message AS m
            JOIN lever.message_key AS k ON k.company_id = m.company_id AND k.entry_id = m.entry_id
            WHERE m.company_id = $1 AND m.key_ids <@ $2
            """,
            .bigint(company.rawValue), .array(keyIDs.map { .bytea($0) }, of: .bytea))
        return Int(rows[0].bigint(0))
    }

    /// How many messages are wrapped for `key` and not for exactly the keys of `target`.
    public func count(sealedTo key: [UInt8], target: [[UInt8]], of company: CompanyID) throws -> Int {
        try connection.actFor(company)
        let rows = try connection.query(
            "SELECT count(*) \(Self.pending)",
            .bigint(company.rawValue), .bytea(key), .array(target.map { .bytea($0) }, of: .bytea),
            .uuid(nil))
        return Int(rows[0].bigint(0))
    }

    /// The next of those, in the order of entries.
    public func heads(
        sealedTo key: [UInt8], target: [[UInt8]], of company: CompanyID, after entry: EntryID?, limit: Int
    ) throws -> [MessageHead] {
        try connection.actFor(company)
        return try connection.query(
            "SELECT m.entry_id, k.head, m.key_ids \(Self.pending) ORDER BY m.entry_id LIMIT $5",
            .bigint(company.rawValue), .bytea(key), .array(target.map { .bytea($0) }, of: .bytea), .uuid(entry),
            .bigint(Int64(limit))
        ).map { MessageHead(entry: $0.uuid(0), head: $0.bytea(1), keyIDs: $0.array(2)) }
    }

    private static let pending = """
        FROM lever.message AS m
        JOIN lever.message_key AS k ON k.company_id = m.company_id AND k.entry_id = m.entry_id
        WHERE m.company_id = $1 AND $2 = ANY (m.key_ids)
            AND NOT (m.key_ids @> $3 AND m.key_ids <@ $3)
            AND ($4::uuid IS NULL OR m.entry_id > $4)
        """

    /// Puts new heads in the place of old ones, in one transaction. One that somebody else changed since is left as it is.
    public func replace(_ heads: [(old: MessageHead, new: [UInt8], keyIDs: [[UInt8]])], of company: CompanyID) throws {
        try connection.actFor(company)
        try connection.transaction {
            for (old, new, keyIDs) in heads {
                let replaced = try connection.query(
                    """
                    UPDATE lever.message_key SET head = $4
                    WHERE company_id = $1 AND entry_id = $2 AND head = $3 RETURNING entry_id
                    """,
                    .bigint(company.rawValue), .uuid(old.entry), .bytea(old.head), .bytea(new))
                guard !replaced.isEmpty else { continue }
                try connection.query(
                    "UPDATE lever.message SET key_ids = $3 WHERE company_id = $1 AND entry_id = $2",
                    .bigint(company.rawValue), .uuid(old.entry), .array(keyIDs.map { .bytea($0) }, of: .bytea))
            }
        }
    }

    /// Every profile's head: candidates', those of users and never-log entries, users' accounts and what waits in the outbox.
    public func profiles(of company: CompanyID) throws -> [ProfileHead] {
        try connection.actFor(company)
        let candidates = try connection.query(
            "SELECT candidate_id, head FROM lever.candidate WHERE company_id = $1 AND head IS NOT NULL",
            .bigint(company.rawValue)
        ).map { ProfileHead(owner: .candidate(CandidateID(rawValue: $0.bigint(0))), head: $0.bytea(1)) }
        let addresses = try connection.query(
            "SELECT entry_id, head FROM lever.address WHERE company_id = $1 AND head IS NOT NULL",
            .bigint(company.rawValue)
        ).map { ProfileHead(owner: .address($0.uuid(0)), head: $0.bytea(1)) }
        let accounts = try connection.query(
            "SELECT login, head FROM lever.mail_account WHERE company_id = $1", .bigint(company.rawValue)
        ).map { ProfileHead(owner: .account(login: $0.text(0)), head: $0.bytea(1)) }
        let outgoing = try connection.query(
            "SELECT entry_id, head FROM lever.outbox WHERE company_id = $1", .bigint(company.rawValue)
        ).map { ProfileHead(owner: .outgoing($0.uuid(0)), head: $0.bytea(1)) }
        return candidates + addresses + accounts + outgoing
    }

    /// As `replace` for messages; `keyIDs` are those of the new head.
    public func replace(
        _ old: ProfileHead, with head: [UInt8], keyIDs: [[UInt8]], of company: CompanyID
    ) throws {
        try connection.actFor(company)
        switch old.owner {
        case .candidate(let id):
            try connection.query(
                "UPDATE lever.candidate SET head = $4 WHERE company_id = $1 AND candidate_id = $2 AND head = $3",
                .bigint(company.rawValue), .bigint(id.rawValue), .bytea(old.head), .bytea(head))
        case .address(let entry):
            try connection.query(
                "UPDATE lever.address SET head = $4 WHERE company_id = $1 AND entry_id = $2 AND head = $3",
                .bigint(company.rawValue), .uuid(entry), .bytea(old.head), .bytea(head))
        case .account(let login):
            try connection.query(
                "UPDATE lever.mail_account SET head = $4 WHERE company_id = $1 AND login = $2 AND head = $3",
                .bigint(company.rawValue), .text(login), .bytea(old.head), .bytea(head))
        case .outgoing(let entry):
            try connection.query(
                """
                UPDATE lever.outbox SET head = $4, key_ids = $5 WHERE company_id = $1 AND entry_id = $2 AND head = $3
                """,
                .bigint(company.rawValue), .uuid(entry), .bytea(old.head), .bytea(head),
                .bytea(Array(keyIDs.joined())))
        }
    }
}
