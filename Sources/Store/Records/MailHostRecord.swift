public import Core

/// A mail host known by a registered key or by its last routing acknowledgement.
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
    /// When it last acknowledged routing; nil if it never did.
    public let seenAt: Timestamp?
    /// It works with the newest routing.
    public let isCurrent: Bool
    /// It was revoked, so rotations do not wait for it.
    public let isGivenUp: Bool
}

extension MailHostRecord {
    /// Every mail host, sorted by name, with its keys in the order in which they were added.
    static func all(_ connection: Connection) throws(DatabaseError) -> [MailHostRecord] {
        let keys = try Key.all(connection)
        let seen = try connection.query(
            """
            SELECT host, seen_at, NOT EXISTS (
                SELECT FROM lever.routing_change AS c WHERE NOT lever.has_change(h.snapshot, c.change)),
                given_up_at IS NOT NULL
            FROM lever.mail_host AS h
            """
        ).decode((String, Timestamp, Bool, Bool).self)
        return Set(keys.map(\.host) + seen.map(\.0)).sorted().map { name in
            let row = seen.first { $0.0 == name }
            return MailHostRecord(
                host: name, keys: keys.filter { $0.host == name }.map(\.key), seenAt: row?.1,
                isCurrent: row?.2 ?? false, isGivenUp: row?.3 ?? false)
        }
    }
}

extension MailHostRecord.Key {
    /// Every registered key with its host.
    static func all(_ connection: Connection) throws(DatabaseError) -> [(host: String, key: MailHostRecord.Key)] {
        try connection.query(
            "SELECT host, key_id, public_key, added_at, revoked_at FROM lever.host_key ORDER BY host, added_at, key_id"
        ).map { row in
            (
                row["host"],
                MailHostRecord.Key(
                    keyID: row["key_id"], publicKey: row["public_key"], addedAt: row["added_at"],
                    revokedAt: row["revoked_at"])
            )
        }
    }
}
