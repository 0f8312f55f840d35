/// The private half of a mail host's Ed25519 key (RFC 8032), with which the daemon signs what it stores. It signs and
/// does nothing else: no mail opens with it. Kept in a file that the daemon alone reads. Used by several threads.
public final class SigningKey: Sendable {
    private let seed: SecretBytes
    private let key: Ed25519Key
    /// The public half, for whoever checks the signatures.
    public let verifyingKey: VerifyingKey

    /// A new key.
    public static func generate() throws(CryptoError) -> SigningKey {
        try SigningKey(seed: .random(count: Ed25519Key.length))
    }

    /// Reads a file as `openssl genpkey -algorithm ed25519` writes it: PEM with an unencrypted PKCS#8 (RFC 8410).
    ///
    /// BUGS: `pem` is the caller's array, which nobody overwrites.
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

    /// The file's content, unencrypted: for the one who makes the key, to write where only its owner reads.
    public var pem: [UInt8] { Ed25519PEM.privateKey.encode(seed.buffer) }

    /// 64 bytes; the same whenever the message is.
    public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        try key.sign(message)
    }
}
