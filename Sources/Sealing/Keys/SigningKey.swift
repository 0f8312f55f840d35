/// The private half of a mail host's Ed25519 key (RFC 8032). The daemon signs with it what it stores; it opens no mail.
/// Kept in a file that only the daemon can read. Any thread.
public final class SigningKey: Sendable {
    private let seed: SecretBytes
    private let key: Ed25519Key
    /// The public half, which verifies the signatures.
    public let verifyingKey: VerifyingKey

    /// A new key.
    public static func generate() throws(CryptoError) -> SigningKey {
        try SigningKey(seed: .random(count: Ed25519Key.length))
    }

    /// Reads a file as `openssl genpkey -algorithm ed25519` writes it: PEM with an unencrypted PKCS#8 (RFC 8410).
    ///
    /// BUGS: `pem` is the caller's array, and stays in memory.
    public convenience init(pem: [UInt8]) throws(SigningKeyError) {
        let seed = try Ed25519PEM.privateKey.decode(pem)
        do throws(CryptoError) {
            try self.init(seed: seed)
        } catch {
            throw .notLoaded(error)
        }
    }

    private init(seed: consuming SecretBytes) throws(CryptoError) {
        let key = try Ed25519Key(seed: seed)
        let bytes = try key.publicKey
        verifyingKey = try VerifyingKey(publicKey: bytes)
        self.seed = seed
        self.key = key
    }

    /// The key as an unencrypted PEM file, to be written where only its owner can read it.
    public var pem: [UInt8] { Ed25519PEM.privateKey.encode(seed.buffer) }

    /// 64 bytes; deterministic.
    public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        try key.sign(message)
    }
}
