package import Core

/// The head of a sealed message: a DER ContentInfo (RFC 5652) up to the first byte of ciphertext. We write and read one
/// encoding of it, in which everything but the fields below is fixed.
///
///     ContentInfo ::= SEQUENCE { id-ct-authEnvelopedData, [0] SEQUENCE {             RFC 5083
///         version INTEGER 0,
///         recipientInfos SET OF RecipientInfo,
///         SEQUENCE { id-data,
///             SEQUENCE { id-aes256-GCM, SEQUENCE { nonce OCTET STRING, 16 } },       RFC 5084
///             [0] IMPLICIT OCTET STRING: the ciphertext },
///         mac OCTET STRING } }
///
/// The tail is the ciphertext and `mac`, which is the GCM tag.
package struct SealedHead {
    package var recipients: [Recipient]
    /// 12 bytes.
    package var nonce: [UInt8]
    /// In bytes.
    package var ciphertextLength: Int

    init(recipients: [Recipient], nonce: [UInt8], ciphertextLength: Int) {
        self.recipients = recipients
        self.nonce = nonce
        self.ciphertextLength = ciphertextLength
    }

    /// The bytes between ciphertext and GCM tag: tag and length of the `mac` element.
    package static let macHeader = DER.element(.octetString, following: CipherContext.tagLength)

    /// Length of a tail without its ciphertext, in bytes.
    package static var tailOverhead: Int { macHeader.count + CipherContext.tagLength }

    package var encoded: [UInt8] {
        let infos = recipients.map(\.encoded).sorted { $0.lexicographicallyPrecedes($1) }  // X.690 section 11.6
        let parameters = DER.element(.octetString, nonce) + Self.icvLength
        let algorithm = DER.element(.sequence, DER.OID.aes256GCM + DER.element(.sequence, parameters))
        let ciphertext = DER.element(.implicitOctetString0, following: ciphertextLength)
        let content = DER.element(.sequence, DER.OID.data + algorithm + ciphertext, following: ciphertextLength)

        let following = ciphertextLength + Self.tailOverhead
        let enveloped = DER.element(
            .sequence, Self.version + DER.element(.set, Array(infos.joined())) + content, following: following)
        return DER.element(
            .sequence, DER.OID.authEnvelopedData + DER.element(.context0, enveloped, following: following),
            following: following)
    }

    private static let version = DER.element(.integer, [0])
    private static let icvLength = DER.element(.integer, [UInt8(CipherContext.tagLength)])

    /// Accepts exactly what `encoded` writes. Other algorithms, a shorter tag, other lengths, attributes and other
    /// encodings of the same values are malformed.
    package init(_ bytes: [UInt8]) throws(ByteReader.Malformed) {
        var reader = ByteReader(bytes)
        // The bytes skipped here are compared below.
        _ = try reader.length(of: .sequence)
        _ = try reader.raw(DER.OID.authEnvelopedData.count)
        _ = try reader.length(of: .context0)
        _ = try reader.length(of: .sequence)
        _ = try reader.raw(Self.version.count)
        recipients = []
        for _ in 0..<(try reader.length(of: .set) / Recipient.length) {
            recipients.append(Recipient(template: try reader.raw(Recipient.length)))
        }
        _ = try reader.length(of: .sequence)
        _ = try reader.raw(DER.OID.data.count)
        _ = try reader.length(of: .sequence)
        _ = try reader.raw(DER.OID.aes256GCM.count)
        _ = try reader.length(of: .sequence)
        _ = try reader.length(of: .octetString)
        nonce = try reader.raw(CipherContext.nonceLength)
        _ = try reader.raw(Self.icvLength.count)
        ciphertextLength = try reader.length(of: .implicitOctetString0)
        guard encoded == bytes else { throw ByteReader.Malformed() }
    }
}

extension ByteReader {
    /// Reads an element's tag and its length, which must be below 4 GB.
    fileprivate mutating func length(of tag: DER.Tag) throws(Malformed) -> Int {
        guard try integer(UInt8.self) == tag.rawValue else { throw Malformed() }
        let first = try integer(UInt8.self)
        guard first > 127 else { return Int(first) }
        guard first <= 0x84 else { throw Malformed() }
        return try raw(Int(first & 0x7f)).reduce(0) { $0 << 8 | Int($1) }
    }
}
