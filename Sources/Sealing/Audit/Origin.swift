public import Core

/// A mail host's word that it stored a sealed message in the row that holds it: who can write to the database can seal
/// to a company's public key, but not sign. A plain value, kept beside the message.
public struct OriginSignature: Hashable, Sendable {
    /// Which verifying key confirms it, 20 bytes.
    public var keyID: [UInt8]
    /// 64 bytes.
    public var signature: [UInt8]

    public init(keyID: [UInt8], signature: [UInt8]) {
        self.keyID = keyID
        self.signature = signature
    }
}

extension Binding {
    /// What a mail host signs, 80 bytes: "LVS1" | the binding (44) | SHA-256 of the tail (32). The head has no part in
    /// it, so that re-wrapping leaves the signature good.
    public func originStatement(tailDigest: [UInt8]) -> [UInt8] {
        precondition(tailDigest.count == SHA256.length)
        return "LVS1".utf8 + bytes + tailDigest
    }
}

extension SigningKey {
    /// Signs the message of a row; `tailDigest` is the SHA-256 of its tail.
    public func signOrigin(of binding: Binding, tailDigest: [UInt8]) throws(CryptoError) -> OriginSignature {
        OriginSignature(
            keyID: verifyingKey.keyID, signature: try sign(binding.originStatement(tailDigest: tailDigest)))
    }
}

extension VerifyingKey {
    /// Whether this key's host stored the tail with this SHA-256 in this row. False as well for a signature that names
    /// another key.
    public func confirms(_ origin: OriginSignature, of binding: Binding, tailDigest: [UInt8]) -> Bool {
        origin.keyID == keyID && isValid(origin.signature, of: binding.originStatement(tailDigest: tailDigest))
    }
}
