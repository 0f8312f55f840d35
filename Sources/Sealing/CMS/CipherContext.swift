import CLibcrypto

/// Sole owner of an `EVP_CIPHER_CTX`, which holds a key and overwrites it when freed. One thread at a time. Decryption
/// is an extension in Unsealing, where private keys are.
package struct CipherContext: ~Copyable {
    package let pointer: OpaquePointer

    package init() throws(CryptoError) {
        pointer = try CryptoError.unwrap("start a cipher") { EVP_CIPHER_CTX_new() }
    }

    deinit { EVP_CIPHER_CTX_free(pointer) }

    /// Length of an authentication tag in bytes, the longest that GCM offers.
    package static let tagLength = 16
    package static let nonceLength = 12

    /// A context set up to encrypt with AES-256-GCM.
    static func sealing(with key: borrowing SecretBytes, nonce: [UInt8]) throws(CryptoError) -> CipherContext {
        let cipher = try CipherContext()
        let (context, key) = (cipher.pointer, key.pointer)
        try CryptoError.check("start encrypting") { EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) }
        return cipher
    }

    /// Encrypts in place.
    mutating func encrypt(_ bytes: UnsafeMutableBufferPointer<UInt8>) throws(CryptoError) {
        guard !bytes.isEmpty else { return }
        let (context, start) = (pointer, bytes.baseAddress)
        var count: Int32 = 0
        try CryptoError.check("encrypt") { EVP_EncryptUpdate(context, start, &count, start, Int32(bytes.count)) }
        precondition(count == bytes.count, "GCM is a stream cipher")
    }

    /// The authentication tag over everything encrypted.
    mutating func finish() throws(CryptoError) -> [UInt8] {
        let context = pointer
        var tag = [UInt8](repeating: 0, count: Self.tagLength)
        var count: Int32 = 0
        try CryptoError.check("finish encrypting") { EVP_EncryptFinal_ex(context, &tag, &count) }
        try CryptoError.check("finish encrypting") {
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag)
        }
        return tag
    }

    /// AES key wrap (RFC 3394). The result is 8 bytes longer than `key`.
    static func wrap(
        _ key: borrowing SecretBytes, with keyEncryptionKey: borrowing SecretBytes
    ) throws(CryptoError) -> [UInt8] {
        let cipher = try CipherContext()
        let (context, key, wrappingKey) = (cipher.pointer, key.buffer, keyEncryptionKey.pointer)
        var wrapped = [UInt8](repeating: 0, count: key.count + 8)
        var count: Int32 = 0
        EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW)
        try CryptoError.check("wrap a key") { EVP_EncryptInit_ex(context, EVP_aes_256_wrap(), nil, wrappingKey, nil) }
        try CryptoError.check("wrap a key") {
            EVP_EncryptUpdate(
                context, &wrapped, &count, key.assumingMemoryBound(to: UInt8.self).baseAddress, Int32(key.count))
        }
        precondition(count == wrapped.count)
        return wrapped
    }
}

// May move between threads; the mutating functions need exclusive access.
extension CipherContext: @unchecked Sendable {}
