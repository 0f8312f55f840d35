public import Core

/// A mail host, as far as it was registered or spoke up itself.
public struct MailHostRecord: Hashable, Sendable {
    public struct Key: Hashable, Sendable {
        /// 20 bytes.
        public let keyID: [UInt8]
        /// Ed25519, 32 bytes.
        public let publicKey: [UInt8]
        public let addedAt: Timestamp
        public let revokedAt: Timestamp?
    }

    public let host: String
    public let keys: [Key]
    /// When it last said which routing it works with; nil if it never did.
    public let seenAt: Timestamp?
    /// It works with the newest routing.
    public let isCurrent: Bool
    /// No rotation waits for it.
    public let isGivenUp: Bool
}

extension OwnerSession {
    /// In the order of names, keys in the order they were added.
    public func mailHosts() throws -> [MailHostRecord] {
        let keys = try HostKeys.all(connection)
        let seen = try connection.query(
            """
            SELECT host, seen_at, generation = lever.current_generation(), given_up_at IS NOT NULL FROM lever.mail_host
            """)
        var names = Set(keys.map(\.host))
        names.formUnion(seen.map { $0.text(0) })
        return names.sorted().map { name in
            let row = seen.first { $0.text(0) == name }
            return MailHostRecord(
                host: name, keys: keys.filter { $0.host == name }.map(\.key), seenAt: row.map { $0.timestamp(1) },
                isCurrent: row?.boolean(2) ?? false, isGivenUp: row?.boolean(3) ?? false)
        }
    }

    /// What the host stores from now on is verified with this Ed25519 key.
    public func addHostKey(_ publicKey: [UInt8], keyID: [UInt8], host: String) throws {
        do {
            try connection.transaction {
                try connection.query(
                    "INSERT INTO lever.host_key (key_id, host, public_key) VALUES ($1, $2, $3)",
                    .bytea(keyID), .text(host), .bytea(publicKey))
                try connection.query("UPDATE lever.mail_host SET given_up_at = NULL WHERE host = $1", .text(host))
            }
        } catch let error as DatabaseError where error.constraint == "host_key_pkey" {
            throw StoreError.hostKeyExists
        }
    }

    /// Nothing that is stored from now on counts as this host's, and no rotation waits for it until it gets a new key. `nameOrKey` is the host's
    /// name, or the id of one of its keys in hexadecimal. Returns how many keys were revoked.
    public func revokeHost(_ nameOrKey: String) throws -> Int {
        try connection.transaction {
            let revoked = try connection.query(
                """
                UPDATE lever.host_key SET revoked_at = now()
                WHERE (host = $1 OR encode(key_id, 'hex') = $1) AND revoked_at IS NULL RETURNING key_id
                """,
                .text(nameOrKey))
            let givenUp = try connection.query(
                "UPDATE lever.mail_host SET given_up_at = coalesce(given_up_at, now()) WHERE host = $1 RETURNING host",
                .text(nameOrKey))
            guard !revoked.isEmpty || !givenUp.isEmpty else { throw StoreError.unknownHost(nameOrKey) }
            return revoked.count
        }
    }
}

/// The keys of mail hosts.
enum HostKeys {
    static func all(_ connection: Connection) throws(DatabaseError) -> [(host: String, key: MailHostRecord.Key)] {
        try connection.query(
            "SELECT host, key_id, public_key, added_at, revoked_at FROM lever.host_key ORDER BY host, added_at, key_id"
        ).map { row in
            (
                row.text(0),
                MailHostRecord.Key(
                    keyID: row.bytea(1), publicKey: row.bytea(2), addedAt: row.timestamp(3),
                    revokedAt: row.isNull(4) ? nil : row.timestamp(4))
            )
        }
    }
}
