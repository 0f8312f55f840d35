/// One recipient of a sealed message: the content key, wrapped so that only that recipient's private key can unwrap it.
///
///     RecipientInfo ::= [1] SEQUENCE { version INTEGER 3,                                     RFC 5652, 5753
///         originator [0] { [1] { { id-ecPublicKey }, ephemeral point BIT STRING } },
///         SEQUENCE { dhSinglePass-stdDH-sha256kdf-scheme, { id-aes256-wrap } },
///         SEQUENCE { SEQUENCE { rKeyId [0] { key id OCTET STRING }, wrapped key OCTET STRING } } }
package struct Recipient: Hashable, Sendable {
    /// 20 bytes.
    package var keyID: [UInt8]
    /// Uncompressed, 65 bytes.
    package var ephemeralPoint: [UInt8]
    /// 40 bytes.
    package var wrappedKey: [UInt8]

    /// Wraps a content key for one recipient, under a fresh ephemeral key.
    package static func wrapping(
        _ contentKey: borrowing SecretBytes, for recipient: SealingKey
    ) throws(CryptoError) -> Recipient {
        let ephemeral = try ECKey.generate()
        let keyEncryptionKey = try KeyAgreement.keyEncryptionKey(own: ephemeral, peer: recipient.key)
        return Recipient(
            keyID: recipient.keyID, ephemeralPoint: ephemeral.point,
            wrappedKey: try CipherContext.wrap(contentKey, with: keyEncryptionKey))
    }

    var encoded: [UInt8] {
        let algorithm = DER.element(.sequence, DER.OID.ecPublicKey)
        let publicKey = DER.element(.context1, algorithm + DER.element(.bitString, [0] + ephemeralPoint))
        let scheme = DER.element(.sequence, DER.OID.stdDHSHA256KDF + KeyAgreement.wrapAlgorithm)
        let recipientKeyID = DER.element(.context0, DER.element(.octetString, keyID))
        let encryptedKey = DER.element(.sequence, recipientKeyID + DER.element(.octetString, wrappedKey))
        return DER.element(
            .context1,
            DER.element(.integer, [3]) + DER.element(.context0, publicKey) + scheme
                + DER.element(.sequence, encryptedKey))
    }

    /// Length of every encoded recipient, in bytes.
    static let length = 182

    /// Takes the fields from fixed offsets in `length` bytes. The caller must compare the bytes with `encoded`.
    init(template bytes: [UInt8]) {
        ephemeralPoint = Array(bytes[24..<89])
        keyID = Array(bytes[120..<140])
        wrappedKey = Array(bytes[142..<182])
    }

    init(keyID: [UInt8], ephemeralPoint: [UInt8], wrappedKey: [UInt8]) {
        self.keyID = keyID
        self.ephemeralPoint = ephemeralPoint
        self.wrappedKey = wrappedKey
    }
}
