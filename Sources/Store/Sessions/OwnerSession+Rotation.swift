public import Core

/// Key rotation: a key is announced, distributed and put into use. Each step is one transaction, recorded in the audit.
extension OwnerSession {
    /// Announces a sealing key. `keyID` is that of the public key (DER).
    public func announceSealingKey(_ publicKey: [UInt8], keyID: [UInt8], to company: CompanyID) throws {
        try addSealingKey(publicKey, keyID: keyID, to: company, isEscrow: false, state: .next)
    }

    /// Announces a marker key.
    public func announceMarkerKey(_ key: [UInt8], to company: CompanyID) throws -> RotationStep {
        try connection.transaction { try announce(.marker, key, to: company) }
    }

    /// Announces an index key. Users and never-log entries get an index under the new key at once, candidates when it
    /// is put into use: `reindex` opens the profiles that it is given. Throws `StoreError.lostAddresses` if one cannot
    /// be opened.
    public func announceIndexKey(
        _ key: [UInt8], to company: CompanyID,
        reindex: (Routing.IndexKey, [SealedProfile]) throws -> [Reindexed]
    ) throws -> RotationStep {
        try connection.transaction {
            // Without an index under the new key, an address on the never-log list would be captured: none may be
            // skipped.
            try connection.actFor(company)
            let lost = try connection.query(
                "SELECT entry_id FROM lever.address WHERE company_id = \(company) AND head IS NULL ORDER BY entry_id")
            guard lost.isEmpty else { throw StoreError.lostAddresses(lost.decode(EntryID.self)) }
            let step = try announce(.index, key, to: company)
            let key = Routing.IndexKey(version: UInt8(step.key)!, key: key)
            for entry in try reindex(key, addresses(of: company)) {
                try addAddressIndex(entry.profile.binding.entry, key.version, entry.index, of: company)
            }
            return step
        }
    }

    private func announce(_ kind: KeyKind, _ key: [UInt8], to company: CompanyID) throws -> RotationStep {
        guard try pending(kind, of: company) == nil else { throw StoreError.rotationUnderWay }
        let version = try connection.query(
            """
            INSERT INTO lever.company_secret (company_id, kind, version, secret, state)
            SELECT \(company), \(kind), max(version) + 1, \(key), 'next' FROM lever.company_secret
            WHERE company_id = \(company) AND kind = \(kind)
            RETURNING version
            """
        ).single.decode(Int16.self)
        try audit("key", "\(kind.rawValue) key \(version): next", of: company)
        return RotationStep(key: "\(version)", state: .next)
    }

    /// The announced or distributed key of this kind.
    public func pending(_ kind: KeyKind, of company: CompanyID) throws -> RotationStep? {
        let table = KeyTable(kind)
        return try connection.query(
            """
            SELECT \(table.key), state FROM \(table.name)
            WHERE company_id = \(company) AND \(table.condition) AND state IN ('next', 'distributed')
            """
        ).decode((String, KeyState).self).first.map { RotationStep(key: $0, state: $1) }
    }

    /// Takes the pending key one step further, once every mail host works with routing that has its last step. Throws
    /// `StoreError.notDistributed` if one does not. Candidates move to an index key that becomes primary: `reindex`
    /// opens the profiles that it is given.
    public func advance(
        _ kind: KeyKind, of company: CompanyID,
        reindex: (Routing.IndexKey, [SealedProfile]) throws -> [Reindexed] = { _, _ in [] }
    ) throws -> RotationStep {
        try connection.transaction {
            guard let pending = try pending(kind, of: company) else { throw StoreError.noRotation }
            try requireHosts(toHave: kind, in: [.next, .distributed], of: company)
            let table = KeyTable(kind)
            let state: KeyState = pending.state == .next ? .distributed : .primary
            if state == .primary {
                try connection.query(
                    """
                    UPDATE \(table.name) SET state = 'old' WHERE company_id = \(company) AND \(table.condition)
                        AND state = 'primary' AND \(table.purpose) = 'reader'
                    """)
            }
            try connection.query(
                """
                UPDATE \(table.name) SET state = \(state)
                WHERE company_id = \(company) AND \(table.condition) AND state = \(pending.state)
                """)
            try audit("key", "\(kind.rawValue) key \(pending.key): \(state.rawValue)", of: company)
            if kind == .index, state == .primary { try reindexCandidates(of: company, reindex) }
            return RotationStep(key: pending.key, state: state)
        }
    }

    private func reindexCandidates(
        of company: CompanyID, _ reindex: (Routing.IndexKey, [SealedProfile]) throws -> [Reindexed]
    ) throws {
        let key = try indexKey(of: company)
        for entry in try reindex(key, candidateProfiles(of: company)) {
            try connection.query(
                """
                UPDATE lever.candidate SET email_index = \(entry.index), index_version = \(key.version)
                WHERE company_id = \(company) AND candidate_id = \(entry.profile.binding.subject)
                """)
        }
    }

    /// Throws `StoreError.notDistributed` with the hosts that do not have the newest change of a key in these states.
    func requireHosts(toHave kind: KeyKind, in states: [KeyState], of company: CompanyID) throws {
        let table = KeyTable(kind)
        let hosts = try connection.query(
            """
            SELECT h.host FROM lever.mail_host AS h WHERE h.given_up_at IS NULL AND EXISTS (
                SELECT FROM \(table.name)
                WHERE company_id = \(company) AND \(table.condition) AND state = ANY (\(states))
                    AND NOT lever.has_change(h.snapshot, changed_in))
            ORDER BY h.host
            """
        ).decode(String.self)
        guard hosts.isEmpty else { throw StoreError.notDistributed(hosts: hosts) }
    }
}
