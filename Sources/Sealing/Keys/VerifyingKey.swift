/// The public half of a mail host's Ed25519 key. Readers verify with it that the host stored a timeline's entries. A
/// plain value.
public struct VerifyingKey: Hashable, Sendable {
    /// 32 bytes.
    public let bytes: [UInt8]
    /// The key's id, 20 bytes: the first bytes of the SHA-256 of the public key, as for a sealing key (RFC 7093 section
    /// 2, method 1).
    public let keyID: [UInt8]

    /// Length of a signature in bytes.
    public static let signatureLength = Ed25519Key.signatureLength

    /// Nil unless there are 32 bytes, or if libcrypto offers no SHA-256.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Ed25519Key.length else { return nil }
        do { try self.init(publicKey: bytes) } catch { return nil }
    }

    /// Reads a file as `openssl pkey -pubout` writes it: PEM with a SubjectPublicKeyInfo (RFC 8410).
    public init(pem: [UInt8]) throws(SigningKeyError) {
        let bytes = try Ed25519PEM.publicKey.decode(pem)
        do throws(CryptoError) {
            try self.init(publicKey: Array(bytes.buffer))
        } catch {
            throw .notLoaded(error)
        }
    }

    /// `publicKey` must be 32 bytes.
    init(publicKey: [UInt8]) throws(CryptoError) {
        bytes = publicKey
        keyID = Array(try SHA256.digest(of: publicKey).prefix(SealingKey.keyIDLength))
    }

    /// The key as a PEM file, which `init(pem:)` reads.
    public var pem: [UInt8] { Ed25519PEM.publicKey.encode(bytes) }

    /// Whether this key's private half signed the message. Also false for a signature of another length, and if the
    /// key's bytes are not a point of the curve.
    ///
    /// BUGS: A key of small order, which has no private half, verifies signatures that anyone can write. Accept keys
    /// only from their owner.
    public func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        do throws(CryptoError) {
            try Ed25519Key(publicKey: bytes).verify(signature, of: message)
            return true
        } catch {
            return false
        }
    }
}
