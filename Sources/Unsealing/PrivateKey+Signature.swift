import CLibcrypto
public import Sealing

/// Signatures (ECDSA with SHA-256, DER) on data that one holder of the private key writes and another reads. Sealing
/// alone proves no author: it takes only the public key, which many have.
extension PrivateKey {
    public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        let operation = "sign"
        let pointer = key.pointer
        let context = try CryptoError.unwrap(operation) { EVP_MD_CTX_new() }
        defer { EVP_MD_CTX_free(context) }
        // The longest DER encoding.
        var signature = [UInt8](repeating: 0, count: 72)
        var count = signature.count
        try CryptoError.check(operation) { EVP_DigestSignInit(context, nil, EVP_sha256(), nil, pointer) }
        try CryptoError.check(operation) { EVP_DigestSign(context, &signature, &count, message, message.count) }
        return Array(signature.prefix(count))
    }

    /// Whether the signature, of any length, is this key's signature of the message.
    public func confirms(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        let operation = "verify a signature"
        let pointer = key.pointer
        do throws(CryptoError) {
            let context = try CryptoError.unwrap(operation) { EVP_MD_CTX_new() }
            defer { EVP_MD_CTX_free(context) }
            try CryptoError.check(operation) { EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, pointer) }
            try CryptoError.check(operation) {
                EVP_DigestVerify(context, signature, signature.count, message, message.count)
            }
            return true
        } catch {
            return false
        }
    }
}
