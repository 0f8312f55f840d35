import CLibcrypto
import Core
import Sealing

extension Recipient {
    /// Unwraps the content key. Throws if the point or the wrapped key is damaged: key wrap has its own integrity
    /// check.
    func contentKey(with key: PrivateKey) throws(CryptoError) -> SecretBytes {
        let keyEncryptionKey = try KeyAgreement.keyEncryptionKey(own: key.key, peer: ECKey(point: ephemeralPoint))
        return try CipherContext.unwrap(wrappedKey, with: keyEncryptionKey)
    }
}

extension CipherContext {
    /// A context set up to decrypt with AES-256-GCM.
    static func opening(with key: borrowing SecretBytes, nonce: [UInt8]) throws(CryptoError) -> CipherContext {
        let cipher = try CipherContext()
        let (context, key) = (cipher.pointer, key.pointer)
        try CryptoError.check("start decrypting") { EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) }
        return cipher
    }

    /// Decrypts into a buffer of the same length. The plaintext must not be used before `verify` has returned.
    mutating func decrypt(_ ciphertext: ArraySlice<UInt8>, into plaintext: inout [UInt8]) throws(CryptoError) {
        precondition(ciphertext.count == plaintext.count)
        guard !plaintext.isEmpty else { return }
        let context = pointer
        var count: Int32 = 0
        try CryptoError.check("decrypt") {
            ciphertext.withUnsafeBufferPointer {
                EVP_DecryptUpdate(context, &plaintext, &count, $0.baseAddress, Int32($0.count))
            }
        }
    }

    /// Throws unless the tag, all 16 bytes of it, authenticates what was decrypted.
    mutating func verify(tag: [UInt8]) throws(CryptoError) {
        precondition(tag.count == Self.tagLength)
        let context = pointer
        var tag = tag
        var nothing: UInt8 = 0
        var count: Int32 = 0
        try CryptoError.check("verify a tag") {
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag)
        }
        try CryptoError.check("verify a tag") { EVP_DecryptFinal_ex(context, &nothing, &count) }
    }

    /// AES key unwrap (RFC 3394). The result is 8 bytes shorter than `wrapped`.
    static func unwrap(
        _ wrapped: [UInt8], with keyEncryptionKey: borrowing SecretBytes
    ) throws(CryptoError) -> SecretBytes {
        let cipher = try CipherContext()
        let key = SecretBytes(count: wrapped.count - 8)
        let (context, wrappingKey, start) = (cipher.pointer, keyEncryptionKey.pointer, key.pointer)
        // libcrypto writes the unwrapped key before it checks its integrity, never more than this.
        var count: Int32 = 0
        EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW)
        try CryptoError.check("unwrap a key") { EVP_DecryptInit_ex(context, EVP_aes_256_wrap(), nil, wrappingKey, nil) }
        try CryptoError.check("unwrap a key") {
            EVP_DecryptUpdate(context, start, &count, wrapped, Int32(wrapped.count))
        }
        precondition(count == key.buffer.count)
        return key
    }
}
