public import Core

/// A step of a rotation that was taken.
public struct RotationStep: Hashable, Sendable {
    /// The key's id in hexadecimal, or its version.
    public let key: String
    public let state: KeyState

    public init(key: String, state: KeyState) {
        self.key = key
        self.state = state
    }
}

/// The life of keys: announced, distributed, in use. Each step is one transaction, and the audit has it.
extension OwnerSession {
    /// Announces a sealing key. `keyID` is that of the public key (DER).
    public func announceSealingKey(_ publicKey: [UInt8], keyID: [UInt8], to company: CompanyID) throws {
        try addSealingKey(publicKey, keyID: keyID, to: company, isEscrow: false, state: .next)
    }

    /// Announces a marker key.
    public func announceMarkerKey(_ key: [UInt8], to company: CompanyID) throws -> RotationStep {
        try connection.transaction { try announce(.marker, key, to: company) }
    }

    /// Announces an index key. Users and never-log entries get an index of the new key at once, candidates when it is put
    /// to use: `reindex` opens the profiles it is given. Throws `StoreError.lostAddresses` where one has none.
    public func announceIndexKey(
        _ key: [UInt8], to company: CompanyID,
        reindex: (Routing.IndexKey, [SealedProfile]) throws -> [Reindexed]
    ) throws -> RotationStep {
        try connection.transaction {
            // Without its new index an address on the never-log list would no longer be spared: none is passed over.
            try connection.actFor(company)
            let lost = try connection.query(
                "SELECT entry_id FROM lever.address WHERE company_id = $1 AND head IS NULL ORDER BY entry_id",
                .bigint(company.rawValue))
            guard lost.isEmpty else { throw StoreError.lostAddresses(lost.map { $0.uuid(0) }) }
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
        let rows = try connection.query(
            """
            INSERT INTO lever.company_secret (company_id, kind, version, secret, state)
            SELECT $1, $2, max(version) + 1, $3, 'next' FROM lever.company_secret WHERE company_id = $1 AND kind = $2
            RETURNING version
            """,
            .bigint(company.rawValue), .text(kind.rawValue), .bytea(key))
        let step = RotationStep(key: "\(rows[0].smallint(0))", state: .next)
        try stampGeneration(kind, .next, of: company)
        try audit("key", "\(kind.rawValue) key \(step.key): next", of: company)
        return step
    }

    /// The key of this kind that is on its way.
    public func pending(_ kind: KeyKind, of company: CompanyID) throws -> RotationStep? {
        let (name, condition) = Self.table(kind)
        let rows = try connection.query(
            """
            SELECT \(Self.keyName(kind)), state FROM \(name)
            WHERE company_id = $1 AND \(condition) AND state IN ('next', 'distributed')
            """,
            .bigint(company.rawValue))
        return rows.first.map { RotationStep(key: $0.text(0), state: KeyState(rawValue: $0.text(1))!) }
    }

    /// Takes the key that is on its way one step on, once every mail host works with routing that has its last step.
    /// Throws `StoreError.notDistributed` if one does not. An index key that becomes primary takes candidates with it:
    /// `reindex` opens the profiles it is given.
    public func advance(
        _ kind: KeyKind, of company: CompanyID,
        reindex: (Routing.IndexKey, [SealedProfile]) throws -> [Reindexed] = { _, _ in [] }
    ) throws -> RotationStep {
        try connection.transaction {
            guard let pending = try pending(kind, of: company) else { throw StoreError.noRotation }
            try requireHosts(toHave: kind, in: [.next, .distributed], of: company)
            let (name, condition) = Self.table(kind)
            let state: KeyState = pending.state == .next ? .distributed : .primary
            if state == .primary {
                let others = kind == .sealing ? "AND purpose = 'reader'" : ""
                try connection.query(
                    "UPDATE \(name) SET state = 'old' WHERE company_id = $1 AND \(condition) AND state = 'primary' \(others)",
                    .bigint(company.rawValue))
            }
            try connection.query(
                "UPDATE \(name) SET state = $2 WHERE company_id = $1 AND \(condition) AND state = $3",
                .bigint(company.rawValue), .text(state.rawValue), .text(pending.state.rawValue))
            try stampGeneration(kind, state, of: company)
            try audit("key", "\(kind.rawValue) key \(pending.key): \(state.rawValue)", of: company)
            if kind == .index, state == .primary {
                let key = try indexKey(of: company)
                for entry in try reindex(key, candidateProfiles(of: company)) {
                    try connection.query(
                        """
                        UPDATE lever.candidate SET email_index = $3, index_version = $4
                        WHERE company_id = $1 AND candidate_id = $2
                        """,
                        .bigint(company.rawValue), .bigint(entry.profile.binding.subject), .bytea(entry.index),
                        .smallint(Int16(key.version)))
                }
            }
            return RotationStep(key: pending.key, state: state)
        }
    }

    /// Throws `StoreError.notDistributed` with the hosts that do not have the newest key in these states as it is now.
    func requireHosts(toHave kind: KeyKind, in states: [KeyState], of company: CompanyID) throws {
        let (name, condition) = Self.table(kind)
        let rows = try connection.query(
            """
            SELECT h.host FROM lever.mail_host AS h WHERE h.given_up_at IS NULL AND h.generation < (
                SELECT max(generation) FROM \(name) WHERE company_id = $1 AND \(condition) AND state = ANY ($2))
            ORDER BY h.host
            """,
            .bigint(company.rawValue), .array(states.map { .text($0.rawValue) }, of: .text))
        guard rows.isEmpty else { throw StoreError.notDistributed(hosts: rows.map { $0.text(0) }) }
    }

    /// Routing has the key in this state from its newest generation on.
    func stampGeneration(_ kind: KeyKind, _ state: KeyState, of company: CompanyID) throws {
        let (name, condition) = Self.table(kind)
        // This statement makes a generation of its own; the one before it has the change already.
        try connection.query(
            """
            UPDATE \(name) SET generation = lever.current_generation()
            WHERE company_id = $1 AND \(condition) AND state = $2
            """,
            .bigint(company.rawValue), .text(state.rawValue))
    }

    static func table(_ kind: KeyKind) -> (name: String, condition: String) {
        kind == .sealing ? ("lever.sealing_key", "true") : ("lever.company_secret", "kind = '\(kind.rawValue)'")
    }

    static func keyName(_ kind: KeyKind) -> String {
        kind == .sealing ? "encode(key_id, 'hex')" : "version::text"
    }
}
