public import Core

/// The end of keys: retired, destroyed. Each is one transaction, and the audit has it.
extension OwnerSession {
    /// How many candidates who are not anonymous have an index of this version; and how many who are would not be
    /// recognised any more without it.
    public func dependents(ofIndexVersion version: UInt8, of company: CompanyID) throws -> (
        profiles: Int, anonymous: Int
    ) {
        try connection.actFor(company)
        let rows = try connection.query(
            """
            SELECT count(*) FILTER (WHERE anonymized_at IS NULL), count(*) FILTER (WHERE anonymized_at IS NOT NULL)
            FROM lever.candidate WHERE company_id = $1 AND index_version = $2
            """,
            .bigint(company.rawValue), .smallint(Int16(version)))
        return (Int(rows[0].bigint(0)), Int(rows[0].bigint(1)))
    }

    /// How many messages are remembered by ids of this version: a reply that names nothing else is not recognised without it.
    public func messages(withIndexVersion version: UInt8, of company: CompanyID) throws -> Int {
        try connection.actFor(company)
        let rows = try connection.query(
            "SELECT count(*) FROM lever.message WHERE company_id = $1 AND index_version = $2 AND removed_at IS NULL",
            .bigint(company.rawValue), .smallint(Int16(version)))
        return Int(rows[0].bigint(0))
    }

    /// How many threads began with a marker of this version, or of one that was not written down.
    public func threads(withMarkerVersion version: UInt8, of company: CompanyID) throws -> Int {
        try connection.actFor(company)
        let rows = try connection.query(
            """
            SELECT count(*) FROM lever.thread
            WHERE company_id = $1 AND erased_at IS NULL AND coalesce(marker_version, $2) = $2
            """,
            .bigint(company.rawValue), .smallint(Int16(version)))
        return Int(rows[0].bigint(0))
    }

    /// Takes a key out of use: `key` is its id or its version. Throws `StoreError` if it is needed: the only one of its
    /// kind, or still used by a mail host that has not taken newer routing. What is sealed to it is the caller's to check.
    public func retire(_ kind: KeyKind, key: String, of company: CompanyID) throws {
        try end(kind, key: key, of: company, from: [.next, .distributed, .primary, .old], to: .retired)
    }

    /// Leaves the key's name alone: a marker or index key is deleted. For a sealing key, what was sealed to it is the
    /// caller's to delete.
    public func destroy(_ kind: KeyKind, key: String, of company: CompanyID) throws {
        // Once more, for one whose destruction was interrupted.
        try end(kind, key: key, of: company, from: [.old, .retired, .destroyed], to: .destroyed)
    }

    private func end(
        _ kind: KeyKind, key: String, of company: CompanyID, from states: [KeyState], to state: KeyState
    ) throws {
        let (name, condition) = Self.table(kind)
        try connection.transaction {
            let rows = try connection.query(
                """
                SELECT state, \(kind == .sealing ? "purpose" : "''") FROM \(name)
                WHERE company_id = $1 AND \(condition) AND \(Self.keyName(kind)) = $2 FOR UPDATE
                """,
                .bigint(company.rawValue), .text(key))
            guard let row = rows.first else { throw StoreError.unknownKey(key) }
            let found = KeyState(rawValue: row.text(0))!
            guard states.contains(found) else { throw StoreError.keyState(found) }
            if found == .primary, row.text(1) != "escrow" {
                let others = try connection.query(
                    """
                    SELECT count(*) FROM \(name) WHERE company_id = $1 AND \(condition) AND state = 'primary'
                        AND \(kind == .sealing ? "purpose = 'reader'" : "true")
                    """,
                    .bigint(company.rawValue))
                guard others[0].bigint(0) > 1 else { throw StoreError.keyState(found) }
            }
            // A host that lacks the primary key may still use this one.
            if found == .old { try requireHosts(toHave: kind, in: [.primary], of: company) }
            try connection.query(
                """
                UPDATE \(name) SET state = $3\(state == .destroyed && kind != .sealing ? ", secret = NULL" : "")
                WHERE company_id = $1 AND \(condition) AND \(Self.keyName(kind)) = $2
                """,
                .bigint(company.rawValue), .text(key), .text(state.rawValue))
            try audit("key", "\(kind.rawValue) key \(key): \(state.rawValue)", of: company)
        }
    }

    /// Deletes what opens the messages that are sealed to these keys alone. Returns how many those were.
    public func shredMessages(sealedOnlyTo keyIDs: [[UInt8]], of company: CompanyID) throws -> Int {
        try connection.actFor(company)
        return try connection.query(
            """
            DELETE FROM lever.message_key AS k USING lever.message AS m
            WHERE k.company_id = $1 AND m.company_id = $1 AND m.entry_id = k.entry_id AND m.key_ids <@ $2
            RETURNING k.entry_id
            """,
            .bigint(company.rawValue), .array(keyIDs.map { .bytea($0) }, of: .bytea)
        ).count
    }

    /// Deletes a profile that nobody can open any more.
    public func shred(_ profile: ProfileHead, of company: CompanyID) throws {
        try connection.actFor(company)
        switch profile.owner {
        case .candidate(let id):
            try connection.query(
                "UPDATE lever.candidate SET head = NULL, tail = NULL WHERE company_id = $1 AND candidate_id = $2",
                .bigint(company.rawValue), .bigint(id.rawValue))
        case .address(let entry):
            try connection.query(
                "UPDATE lever.address SET head = NULL, tail = NULL WHERE company_id = $1 AND entry_id = $2",
                .bigint(company.rawValue), .uuid(entry))
        case .account(let login):
            try connection.query(
                "DELETE FROM lever.mail_account WHERE company_id = $1 AND login = $2", .bigint(company.rawValue),
                .text(login))
        case .outgoing(let entry):
            try connection.query(
                "DELETE FROM lever.outbox WHERE company_id = $1 AND entry_id = $2", .bigint(company.rawValue),
                .uuid(entry))
        }
    }

    /// Heads, with an administrator's rights.
    public var rekeying: RekeySession { RekeySession(connection) }
}
