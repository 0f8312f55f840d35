import CLibcrypto

/// An Ed25519 key (RFC 8032): the public half, or both. Sole owner of an `EVP_PKEY`. Any thread.
struct Ed25519Key: ~Copyable {
    private let pointer: OpaquePointer

    /// Length in bytes of a public key, and of the seed that is the private key.
    static let length = 32
    static let signatureLength = 64

    /// Loads both halves from the seed. The libcrypto function reads no file, and keys that open mail have no raw form:
    /// a program that links this alone cannot load one.
    init(seed: borrowing SecretBytes) throws(CryptoError) {
        let (start, count) = (seed.pointer, seed.buffer.count)
        pointer = try CryptoError.unwrap("load an Ed25519 key") {
            EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, start, count)
        }
    }

    /// Loads the public half. Bytes that are not a point of the curve are found only by `verify`.
    init(publicKey: [UInt8]) throws(CryptoError) {
        pointer = try CryptoError.unwrap("load an Ed25519 public key") {
            EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
        }
    }

    deinit { EVP_PKEY_free(pointer) }

    var publicKey: [UInt8] {
        get throws(CryptoError) {
            let pointer = pointer
            var bytes = [UInt8](repeating: 0, count: Self.length)
            var count = bytes.count
            try CryptoError.check("write an Ed25519 public key") {
                EVP_PKEY_get_raw_public_key(pointer, &bytes, &count)
            }
            precondition(count == bytes.count)
            return bytes
        }
    }

    /// 64 bytes; deterministic. Requires the private half.
    func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        let operation = "sign"
        let pointer = pointer
        let context = try CryptoError.unwrap(operation) { EVP_MD_CTX_new() }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: Self.signatureLength)
        var count = signature.count
        // No digest is named: Ed25519 hashes by itself.
        try CryptoError.check(operation) { EVP_DigestSignInit(context, nil, nil, nil, pointer) }
        try CryptoError.check(operation) { EVP_DigestSign(context, &signature, &count, message, message.count) }
        precondition(count == signature.count)
        return signature
    }

    /// Throws unless the signature, of any length, is this key's signature of the message.
    func verify(_ signature: [UInt8], of message: [UInt8]) throws(CryptoError) {
        let operation = "verify a signature"
        let pointer = pointer
        let context = try CryptoError.unwrap(operation) { EVP_MD_CTX_new() }
        defer { EVP_MD_CTX_free(context) }
        try CryptoError.check(operation) { EVP_DigestVerifyInit(context, nil, nil, nil, pointer) }
        try CryptoError.check(operation) {
            EVP_DigestVerify(context, signature, signature.count, message, message.count)
        }
    }
}

// Immutable once made; libcrypto allows concurrent reads and counts references atomically.
extension Ed25519Key: @unchecked Sendable {}
