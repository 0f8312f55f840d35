public import Sealing

/// The private half of a company's P-256 key: whoever has it reads the company's captured mail. Kept in a file outside
/// the database. May be used by several threads.
public final class PrivateKey: Sendable {
    let key: ECKey
    /// The name of the key, 20 bytes; its sealing key has the same.
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
