public import Core

extension OwnerSession {
    /// Oldest first.
    public func sealingKeys(of company: CompanyID) throws -> [StoredSealingKey] {
        try StoredSealingKey.all(of: company, connection)
    }

    /// Adds a key that messages are sealed to from now on, beside the company's other keys. `keyID` is that of the
    /// public key (DER).
    public func addSealingKey(
        _ publicKey: [UInt8], keyID: [UInt8], to company: CompanyID, isEscrow: Bool = false
    ) throws {
        try addSealingKey(publicKey, keyID: keyID, to: company, isEscrow: isEscrow, state: .primary)
    }

    func addSealingKey(
        _ publicKey: [UInt8], keyID: [UInt8], to company: CompanyID, isEscrow: Bool, state: KeyState
    ) throws {
        let purpose = isEscrow ? "escrow" : "reader"
        do {
            try connection.transaction {
                try connection.query(
                    """
                    INSERT INTO lever.sealing_key (company_id, key_id, public_key, purpose, state)
                    VALUES (\(company), \(keyID), \(publicKey), \(purpose), \(state))
                    """)
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

    /// The index key in use.
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

    /// The key that signs new markers of the company, and its id in markers.
    public func markerKey(of company: CompanyID) throws -> (id: UInt8, key: [UInt8]) {
        let secret = try primary(.marker, among: secrets(of: company), of: company)
        return (secret.version, secret.key!)
    }

    /// Marker and index keys, by kind and version.
    public func secrets(of company: CompanyID) throws -> [StoredSecret] {
        try StoredSecret.all(of: company, connection)
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
