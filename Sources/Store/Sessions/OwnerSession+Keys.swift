public import Core

/// Where a key is in its life.
public enum KeyState: String, CaseIterable, Sendable {
    /// Announced to the mail hosts; not used.
    case next
    /// Every mail host has it. A sealing key is used from here on, beside the one it will replace.
    case distributed
    /// In use for all that is new.
    case primary
    /// Not used for what is new; what there is still depends on it.
    case old
    /// Out of use.
    case retired
    /// A name that remains.
    case destroyed
}

/// What a key is for.
public enum KeyKind: String, CaseIterable, Sendable {
    /// Messages are sealed to it.
    case sealing
    /// Signs the ids of threads.
    case marker
    /// Makes blind indices and dedupe keys.
    case index
}

/// The public half of a key that a company's messages are sealed to.
public struct StoredSealingKey: Hashable, Sendable {
    /// 20 bytes.
    public let keyID: [UInt8]
    /// SubjectPublicKeyInfo, DER.
    public let publicKey: [UInt8]
    public let state: KeyState
    /// A further recipient of every message, kept by somebody apart for when the others are lost.
    public let isEscrow: Bool
    public let createdAt: Timestamp

    /// New messages are sealed to it.
    public var isActive: Bool { state == .primary || state == .distributed }
}

/// A marker or index key, by its version.
public struct StoredSecret: Hashable, Sendable {
    public let kind: KeyKind
    public let version: UInt8
    public let state: KeyState
    /// 32 bytes; nil once destroyed.
    public let key: [UInt8]?
    public let createdAt: Timestamp
}

extension OwnerSession {
    /// Oldest first.
    public func sealingKeys(of company: CompanyID) throws -> [StoredSealingKey] {
        try StoredSealingKey.all(of: company, connection)
    }

    /// A new key that messages are sealed to from now on, beside the company's other keys. `keyID` is that of the public
    /// key (DER).
    public func addSealingKey(
        _ publicKey: [UInt8], keyID: [UInt8], to company: CompanyID, isEscrow: Bool = false
    ) throws {
        try addSealingKey(publicKey, keyID: keyID, to: company, isEscrow: isEscrow, state: .primary)
    }

    func addSealingKey(
        _ publicKey: [UInt8], keyID: [UInt8], to company: CompanyID, isEscrow: Bool, state: KeyState
    ) throws {
        do {
            try connection.transaction {
                try connection.query(
                    """
                    INSERT INTO lever.sealing_key (company_id, key_id, public_key, purpose, state)
                    VALUES ($1, $2, $3, $4, $5)
                    """,
                    .bigint(company.rawValue), .bytea(keyID), .bytea(publicKey),
                    .text(isEscrow ? "escrow" : "reader"), .text(state.rawValue))
                try stampGeneration(.sealing, state, of: company)
                try audit("key", "\(isEscrow ? "escrow" : "sealing") key \(keyID.hex): \(state.rawValue)", of: company)
            }
        } catch let error as DatabaseError {
            switch error.constraint {
            case "sealing_key_pkey": throw StoreError.sealingKeyExists
            case "sealing_key_one_to_come": throw StoreError.rotationUnderWay
            default: throw error
            }
        }
    }

    /// The key of the company's blind indices that is in use.
    public func indexKey(of company: CompanyID) throws -> Routing.IndexKey {
        let secret = try primary(.index, among: secrets(of: company), of: company)
        return Routing.IndexKey(version: secret.version, key: secret.key!)
    }

    /// Every live index key, the one in use first.
    public func indexKeys(of company: CompanyID) throws -> [Routing.IndexKey] {
        let secrets = try secrets(of: company)
        let current = try primary(.index, among: secrets, of: company)
        let others = secrets.filter {
            $0.kind == .index && $0.version != current.version && ![.retired, .destroyed].contains($0.state)
        }
        return ([current] + others).map { Routing.IndexKey(version: $0.version, key: $0.key!) }
    }

    /// The key that new markers of the company are signed with, and its id in markers.
    public func markerKey(of company: CompanyID) throws -> (id: UInt8, key: [UInt8]) {
        let secret = try primary(.marker, among: secrets(of: company), of: company)
        return (secret.version, secret.key!)
    }

    /// Marker and index keys, by kind and version.
    public func secrets(of company: CompanyID) throws -> [StoredSecret] {
        try connection.query(
            """
            SELECT kind, version, state, secret, created_at FROM lever.company_secret
            WHERE company_id = $1 ORDER BY kind DESC, version
            """,
            .bigint(company.rawValue)
        ).map { row in
            StoredSecret(
                kind: KeyKind(rawValue: row.text(0))!, version: UInt8(row.smallint(1)),
                state: KeyState(rawValue: row.text(2))!, key: row.isNull(3) ? nil : row.bytea(3),
                createdAt: row.timestamp(4))
        }
    }

    private func primary(
        _ kind: KeyKind, among secrets: [StoredSecret], of company: CompanyID
    ) throws(StoreError) -> StoredSecret {
        guard let secret = secrets.first(where: { $0.kind == kind && $0.state == .primary }) else {
            throw StoreError.unknownCompany("\(company)")
        }
        return secret
    }
}

extension StoredSealingKey {
    static func all(of company: CompanyID, _ connection: Connection) throws(DatabaseError) -> [StoredSealingKey] {
        try connection.query(
            """
            SELECT key_id, public_key, state, purpose = 'escrow', created_at FROM lever.sealing_key
            WHERE company_id = $1 ORDER BY created_at, key_id
            """,
            .bigint(company.rawValue)
        ).map { row in
            StoredSealingKey(
                keyID: row.bytea(0), publicKey: row.bytea(1), state: KeyState(rawValue: row.text(2))!,
                isEscrow: row.boolean(3), createdAt: row.timestamp(4))
        }
    }
}
