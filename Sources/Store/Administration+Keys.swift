public import Core

/// The public half of a key that a company's messages are sealed to.
public struct StoredSealingKey: Hashable, Sendable {
    /// 20 bytes.
    public let keyID: [UInt8]
    /// SubjectPublicKeyInfo, DER.
    public let publicKey: [UInt8]
    /// False once the key is retired: new messages are not sealed to it.
    public let isActive: Bool
    public let createdAt: Timestamp
}

extension Administration {
    /// Oldest first.
    public func sealingKeys(of company: CompanyID) throws -> [StoredSealingKey] {
        try connection.query(
            """
            SELECT key_id, public_key, state = 'active', created_at FROM lever.sealing_key
            WHERE company_id = $1 ORDER BY created_at, key_id
            """,
            .bigint(company.rawValue)
        ).map { row in
            StoredSealingKey(
                keyID: row.bytea(0), publicKey: row.bytea(1), isActive: row.boolean(2), createdAt: row.timestamp(3))
        }
    }

    /// From now on the company's messages are sealed to this key as well. `keyID` is that of the public key (DER).
    public func addSealingKey(_ publicKey: [UInt8], keyID: [UInt8], to company: CompanyID) throws {
        do {
            try connection.query(
                "INSERT INTO lever.sealing_key (company_id, key_id, public_key) VALUES ($1, $2, $3)",
                .bigint(company.rawValue), .bytea(keyID), .bytea(publicKey))
        } catch  where error.constraint == "sealing_key_pkey" {
            throw StoreError.sealingKeyExists
        }
    }

    /// The key of the company's blind indices that is in use.
    public func indexKey(of company: CompanyID) throws -> Routing.IndexKey {
        let (version, key) = try secret("index", of: company)
        return Routing.IndexKey(version: version, key: key)
    }

    /// The key that new markers of the company are signed with, and its id in markers.
    public func markerKey(of company: CompanyID) throws -> (id: UInt8, key: [UInt8]) {
        try secret("marker", of: company)
    }

    private func secret(_ kind: String, of company: CompanyID) throws -> (UInt8, [UInt8]) {
        let rows = try connection.query(
            """
            SELECT version, secret FROM lever.company_secret
            WHERE company_id = $1 AND kind = $2 AND retired_at IS NULL ORDER BY version DESC LIMIT 1
            """,
            .bigint(company.rawValue), .text(kind))
        guard let row = rows.first else { throw StoreError.unknownCompany("\(company)") }
        return (UInt8(row.smallint(0)), row.bytea(1))
    }
}
