extension OwnerSession {
    /// Sorted by name, keys in the order in which they were added.
    public func mailHosts() throws -> [MailHostRecord] { try MailHostRecord.all(connection) }

    /// Registers the Ed25519 key that verifies what the host stores from now on.
    public func addHostKey(_ publicKey: [UInt8], keyID: [UInt8], host: String) throws {
        do {
            try connection.transaction {
                try connection.query(
                    "INSERT INTO lever.host_key (key_id, host, public_key) VALUES (\(keyID), \(host), \(publicKey))")
                try connection.query("UPDATE lever.mail_host SET given_up_at = NULL WHERE host = \(host)")
            }
        } catch let error as DatabaseError where error.constraint == "host_key_pkey" {
            throw StoreError.hostKeyExists
        }
    }

    /// Revokes a host's keys: nothing stored from now on counts as the host's, and rotations do not wait for it until
    /// it gets a new key. `nameOrKey` is the host's name, or the id of one of its keys in hexadecimal. Returns the
    /// number of keys revoked.
    public func revokeHost(_ nameOrKey: String) throws -> Int {
        try connection.transaction {
            let revoked = try connection.query(
                """
                UPDATE lever.host_key SET revoked_at = now()
                WHERE (host = \(nameOrKey) OR encode(key_id, 'hex') = \(nameOrKey)) AND revoked_at IS NULL
                RETURNING key_id
                """)
            let hosts = try connection.query(
                """
                UPDATE lever.mail_host SET given_up_at = coalesce(given_up_at, now()) WHERE host = \(nameOrKey)
                RETURNING host
                """)
            guard !revoked.isEmpty || !hosts.isEmpty else { throw StoreError.unknownHost(nameOrKey) }
            return revoked.count
        }
    }
}
