/// The public half of a company's P-256 key. It seals messages; it cannot open them. Any thread.
public final class SealingKey: Sendable {
    let key: ECKey
    /// The key's id, 20 bytes: its subject key identifier, the first bytes of the SHA-256 of the public key (RFC 7093
    /// section 2, method 1).
    public let keyID: [UInt8]

    /// Reads a SubjectPublicKeyInfo in DER. Throws unless it is an uncompressed point of P-256.
    public init(subjectPublicKeyInfo: [UInt8]) throws(CryptoError) {
        let prefix = ECKey.subjectPublicKeyInfoPrefix
        guard subjectPublicKeyInfo.starts(with: prefix) else {
            throw CryptoError(operation: "read a sealing key", reason: "it is not a P-256 public key")
        }
        key = try ECKey(point: subjectPublicKeyInfo.dropFirst(prefix.count))
        keyID = try Self.keyID(point: key.point)
    }

    package static let keyIDLength = 20

    package static func keyID(point: [UInt8]) throws(CryptoError) -> [UInt8] {
        Array(try SHA256.digest(of: point).prefix(keyIDLength))
    }
}
