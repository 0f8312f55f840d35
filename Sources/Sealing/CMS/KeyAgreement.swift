import CLibcrypto

/// Derives a key-encryption key from two key pairs (RFC 5753 section 7.2): ECDH, then the X9.63 key derivation function
/// with SHA-256, for AES-256 key wrap.
package enum KeyAgreement {
    /// 32 bytes. The sender passes its ephemeral key and the recipient's point; the recipient passes its own key and
    /// the ephemeral point.
    package static func keyEncryptionKey(
        own: borrowing ECKey, peer: borrowing ECKey
    ) throws(CryptoError) -> SecretBytes {
        let secret = try own.sharedSecret(with: peer)
        // One round: the digest is as long as the key. X9.63 numbers rounds from 1.
        var hash = try SHA256()
        try hash.update(UnsafeRawBufferPointer(secret.buffer))
        try hash.update([0, 0, 0, 1] + sharedInfo)
        return try hash.finishSecret()
    }

    /// id-aes256-wrap, with absent parameters (RFC 3565 section 2.3.2).
    static let wrapAlgorithm = DER.element(.sequence, DER.OID.aes256Wrap)

    /// ECC-CMS-SharedInfo without entityUInfo: the wrap algorithm and the key length in bits.
    private static let sharedInfo = DER.element(
        .sequence, wrapAlgorithm + DER.element(.context2, DER.element(.octetString, [0, 0, 1, 0])))
}
