public import Core

/// The public half of a key that a company's messages are sealed to.
public struct StoredSealingKey: Hashable, Sendable {
    /// 20 bytes.
    public let keyID: [UInt8]
    /// SubjectPublicKeyInfo, DER.
    public let publicKey: [UInt8]
    public let state: KeyState
    /// An additional recipient of every message, whose private key somebody keeps elsewhere in case the others are
    /// lost.
    public let isEscrow: Bool
    public let createdAt: Timestamp

    /// New messages are sealed to it.
    public var isActive: Bool { state == .primary || state == .distributed }
}

extension StoredSealingKey {
    /// Oldest first.
    static func all(of company: CompanyID, _ connection: Connection) throws(DatabaseError) -> [StoredSealingKey] {
        try connection.query(
            """
            SELECT key_id, public_key, state, purpose = 'escrow' AS is_escrow, created_at FROM lever.sealing_key
            WHERE company_id = \(company) ORDER BY created_at, key_id
            """
        ).map { row in
            StoredSealingKey(
                keyID: row["key_id"], publicKey: row["public_key"], state: row["state"], isEscrow: row["is_escrow"],
                createdAt: row["created_at"])
        }
    }
}
