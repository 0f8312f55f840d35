public import Sealing

/// The private half of a company's P-256 key, which opens the company's captured mail. Kept in a file outside the
/// database. Any thread.
public final class PrivateKey: Sendable {
    let key: ECKey
    /// The key's id, 20 bytes, the same as its sealing key's.
    public let keyID: [UInt8]

    /// A new key.
    public static func generate() throws(CryptoError) -> PrivateKey {
        try PrivateKey(key: .generate())
    }

    init(key: consuming ECKey) throws(CryptoError) {
        keyID = try SealingKey.keyID(point: key.point)
        self.key = key
    }

    /// The public half in DER, as `SealingKey` reads it.
    public var subjectPublicKeyInfo: [UInt8] { ECKey.subjectPublicKeyInfoPrefix + key.point }
}
