public import Core

extension Binding {
    /// The bytes that a mail host signs, 80: "LVS1" | the binding (44) | SHA-256 of the tail (32). The head is left
    /// out, so the signature stays valid when the message is re-wrapped.
    public func originStatement(tailDigest: [UInt8]) -> [UInt8] {
        precondition(tailDigest.count == SHA256.length)
        return "LVS1".utf8 + bytes + tailDigest
    }
}

extension SigningKey {
    /// Signs a row's message; `tailDigest` is the SHA-256 of its tail.
    public func signOrigin(of binding: Binding, tailDigest: [UInt8]) throws(CryptoError) -> OriginSignature {
        OriginSignature(
            keyID: verifyingKey.keyID, signature: try sign(binding.originStatement(tailDigest: tailDigest)))
    }
}

extension VerifyingKey {
    /// Whether this key's host signed that it stored the tail with this SHA-256 in this row. Also false for a signature
    /// that names another key.
    public func confirms(_ origin: OriginSignature, of binding: Binding, tailDigest: [UInt8]) -> Bool {
        origin.keyID == keyID && isValid(origin.signature, of: binding.originStatement(tailDigest: tailDigest))
    }
}
