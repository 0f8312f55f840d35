public import Core

/// The end of keys: retiring and destroying them. Each step is one transaction, recorded in the audit.
extension OwnerSession {
    /// The numbers of candidates with an index of this version: those with a profile, and anonymous ones, who could not
    /// be recognised as former candidates without it.
    public func dependents(ofIndexVersion version: UInt8, of company: CompanyID) throws -> (
        profiles: Int, anonymous: Int
    ) {
        try connection.actFor(company)
        let (profiles, anonymous) = try connection.query(
            """
            SELECT count(*) FILTER (WHERE anonymized_at IS NULL), count(*) FILTER (WHERE anonymized_at IS NOT NULL)
            FROM lever.candidate WHERE company_id = \(company) AND index_version = \(version)
            """
        ).single.decode((Int, Int).self)
        return (profiles, anonymous)
    }

    /// The number of messages whose ids are indexed with this version: without it, a reply that has nothing but such an
    /// id is not recognised.
    public func messages(withIndexVersion version: UInt8, of company: CompanyID) throws -> Int {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT count(*) FROM lever.message
            WHERE company_id = \(company) AND index_version = \(version) AND removed_at IS NULL
            """
        ).single.decode(Int.self)
    }

    /// The number of threads that began with a marker of this version, or of an unrecorded one.
    public func threads(withMarkerVersion version: UInt8, of company: CompanyID) throws -> Int {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT count(*) FROM lever.thread
            WHERE company_id = \(company) AND erased_at IS NULL AND coalesce(marker_version, \(version)) = \(version)
            """
        ).single.decode(Int.self)
    }

    /// Takes a key out of use: `key` is its id or its version. Throws `StoreError` if it is the only key of its kind,
    /// or a mail host has not taken newer routing and may still use it. The caller checks that nothing is sealed to it
    /// alone.
    public func retire(_ kind: KeyKind, key: String, of company: CompanyID) throws {
        try end(kind, key: key, of: company, from: [.next, .distributed, .primary, .old], to: .retired)
    }

    /// Deletes a marker or index key, leaving its name. The caller deletes what was sealed to a sealing key.
    public func destroy(_ kind: KeyKind, key: String, of company: CompanyID) throws {
        // A destroyed key is accepted, so that an interrupted destruction can be completed.
        try end(kind, key: key, of: company, from: [.old, .retired, .destroyed], to: .destroyed)
    }

    private func end(
        _ kind: KeyKind, key: String, of company: CompanyID, from states: [KeyState], to state: KeyState
    ) throws {
        let table = KeyTable(kind)
        try connection.transaction {
            let rows = try connection.query(
                """
                SELECT state, \(table.purpose) FROM \(table.name)
                WHERE company_id = \(company) AND \(table.condition) AND \(table.key) = \(key) FOR UPDATE
                """)
            guard let (found, purpose) = rows.first?.decode((KeyState, String).self) else {
                throw StoreError.unknownKey(key)
            }
            guard states.contains(found) else { throw StoreError.keyState(found) }
            if found == .primary, purpose != "escrow" {
                let primaries = try connection.query(
                    """
                    SELECT count(*) FROM \(table.name) WHERE company_id = \(company) AND \(table.condition)
                        AND state = 'primary' AND \(table.purpose) = 'reader'
                    """
                ).single.decode(Int.self)
                guard primaries > 1 else { throw StoreError.keyState(found) }
            }
            // A host that lacks the primary key may still use this one.
            if found == .old { try requireHosts(toHave: kind, in: [.primary], of: company) }
            let deletion: Query = state == .destroyed && kind != .sealing ? ", secret = NULL" : ""
            try connection.query(
                """
                UPDATE \(table.name) SET state = \(state)\(deletion)
                WHERE company_id = \(company) AND \(table.condition) AND \(table.key) = \(key)
                """)
            try audit("key", "\(kind.rawValue) key \(key): \(state.rawValue)", of: company)
        }
    }

    /// Deletes the heads of messages that are sealed to these keys alone, so that nothing opens them. Returns the
    /// number of messages.
    public func shredMessages(sealedOnlyTo keyIDs: [[UInt8]], of company: CompanyID) throws -> Int {
        try connection.actFor(company)
        return try connection.query(
            """
            DELETE FROM lever.message_key AS k
            WHERE k.company_id = \(company) AND lever.head_key_ids(k.head) <@ \(keyIDs)
            RETURNING k.entry_id
            """
        ).count
    }

    /// Deletes heads that re-wrapping replaced and that one of these keys opens.
    public func shredFormerHeads(sealedTo keyIDs: [[UInt8]], of company: CompanyID) throws {
        try connection.actFor(company)
        try connection.query(
            """
            DELETE FROM lever.former_head AS f
            WHERE f.company_id = \(company) AND lever.head_key_ids(f.head) && \(keyIDs)
            """)
    }

    /// The exchanges whose heads can be put back, oldest first.
    public func exchanges(of company: CompanyID) throws -> [HeadExchange] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT a.seq, a.login, a.at, count(*) AS heads FROM lever.former_head AS f
            JOIN lever.audit AS a ON a.company_id = f.company_id AND a.seq = f.audit_seq
            WHERE f.company_id = \(company) GROUP BY 1, 2, 3 ORDER BY 1
            """
        ).map { HeadExchange(row: $0["seq"], login: $0["login"], at: $0["at"], heads: $0["heads"]) }
    }

    /// Puts back the heads that re-wrapping replaced from this row of the audit on, in batches, and keeps those that
    /// were there in turn. Returns the number of heads.
    public func restoreHeads(from row: Int64, of company: CompanyID) throws -> Int {
        guard let last = try exchanges(of: company).last?.row else { return 0 }
        var restored = 0
        var count: Int
        repeat {
            count = try connection.query("SELECT lever.restore_heads(\(company), \(row), \(last), 1000)::bigint")
                .single.decode(Int.self)
            restored += count
        } while count > 0
        return restored
    }

    /// Deletes a sealed profile, account or outgoing message that no key opens any more.
    public func shred(_ profile: ProfileHead, of company: CompanyID) throws {
        try connection.actFor(company)
        switch profile.owner {
        case .candidate(let id):
            try connection.query(
                """
                UPDATE lever.candidate SET head = NULL, tail = NULL WHERE company_id = \(company) AND candidate_id = \(id)
                """)
        case .address(let entry):
            try connection.query(
                "UPDATE lever.address SET head = NULL, tail = NULL WHERE company_id = \(company) AND entry_id = \(entry)"
            )
        case .account(let login):
            try connection.query("DELETE FROM lever.mail_account WHERE company_id = \(company) AND login = \(login)")
        case .outgoing(let entry):
            try connection.query("DELETE FROM lever.outbox WHERE company_id = \(company) AND entry_id = \(entry)")
        }
    }
}
