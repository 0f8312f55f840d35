/// The DER elements (X.690) that public keys and sealed messages use.
package enum DER {
    package enum Tag: UInt8 {
        case integer = 0x02
        case bitString = 0x03
        case octetString = 0x04
        case objectIdentifier = 0x06
        case sequence = 0x30
        case set = 0x31
        /// [0] IMPLICIT OCTET STRING.
        case implicitOctetString0 = 0x80
        case context0 = 0xa0
        case context1 = 0xa1
        case context2 = 0xa2
    }

    /// Tag, length and content. `following` is the number of content bytes that the caller appends after these.
    package static func element(_ tag: Tag, _ content: [UInt8] = [], following: Int = 0) -> [UInt8] {
        [tag.rawValue] + length(content.count + following) + content
    }

    private static func length(_ value: Int) -> [UInt8] {
        guard value > 127 else { return [UInt8(value)] }
        let bytes = withUnsafeBytes(of: value.bigEndian) { Array($0.drop { $0 == 0 }) }
        return [0x80 | UInt8(bytes.count)] + bytes
    }

    package enum OID {
        /// id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480)
        package static let ecPublicKey = element(.objectIdentifier, [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1])
        /// secp256r1, 1.2.840.10045.3.1.7 (RFC 5480)
        package static let p256 = element(.objectIdentifier, [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7])
        /// dhSinglePass-stdDH-sha256kdf-scheme, 1.3.132.1.11.1 (RFC 5753)
        package static let stdDHSHA256KDF = element(.objectIdentifier, [0x2b, 0x81, 0x04, 1, 11, 1])
        /// id-aes256-wrap, 2.16.840.1.101.3.4.1.45 (RFC 3565)
        package static let aes256Wrap = element(.objectIdentifier, [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 45])
        /// id-aes256-GCM, 2.16.840.1.101.3.4.1.46 (RFC 5084)
        package static let aes256GCM = element(.objectIdentifier, [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 46])
        /// id-data, 1.2.840.113549.1.7.1 (RFC 5652)
        package static let data = element(.objectIdentifier, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1])
        /// id-ct-authEnvelopedData, 1.2.840.113549.1.9.16.1.23 (RFC 5083)
        package static let authEnvelopedData = element(
            .objectIdentifier, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 23])
    }
}
