/// The public half of a mail host's Ed25519 key: whoever reads the timeline checks with it that the host stored what is
/// there. A plain value.
public struct VerifyingKey: Hashable, Sendable {
    /// 32 bytes.
    public let bytes: [UInt8]
    /// The name of the key, 20 bytes: the first of the SHA-256 of the public key, as of a sealing key (RFC 7093
    /// section 2, method 1).
    public let keyID: [UInt8]

    /// Bytes of a signature.
    public static let signatureLength = Ed25519Key.signatureLength

    /// Nil unless the bytes are 32, and where libcrypto has no SHA-256.
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

    /// The caller knows that they are 32.
    init(publicKey: [UInt8]) throws(CryptoError) {
        bytes = publicKey
        keyID = Array(try SHA256.digest(of: publicKey).prefix(SealingKey.keyIDLength))
    }

    /// The file's content.
    public var pem: [UInt8] { Ed25519PEM.publicKey.encode(bytes) }

    /// Whether this key's private half signed the message. False as well for a signature of another length, and where
    /// the key's bytes are no point of the curve.
    ///
    /// BUGS: A key of small order, which no private half makes, verifies signatures that anybody can write: take keys
    /// only from whoever made them.
    public func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        do throws(CryptoError) {
            try Ed25519Key(publicKey: bytes).verify(signature, of: message)
            return true
        } catch {
            return false
        }
    }
}
