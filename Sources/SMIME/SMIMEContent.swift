import CLibcrypto

// SMIME: what mail secured by S/MIME is: signed, and by whom; or encrypted (RFC 8551, on CMS, RFC 5652). Wraps
// libcrypto. Checks signatures and opens nothing that is encrypted. Knows nothing of MIME or of this product.

/// What a CMS structure in a message (`application/pkcs7-mime`) is, whatever its `smime-type` says.
///
/// A plain value. Reading is linear in the structure.
public enum SMIMEContent: Hashable, Sendable {
    /// Signed data, with the MIME entity that is signed; nil if that is elsewhere, or is no MIME entity.
    case signed([UInt8]?)
    /// Only certificates, or revocation lists.
    case certificates
    case encrypted
    /// Compressed (RFC 3274). Debian's OpenSSL is built without zlib, so it stays as it is.
    case compressed
    /// CMS of another type.
    case other

    /// Nil if the bytes are no CMS structure.
    public init?(_ der: [UInt8]) {
        guard let structure = try? CMSStructure(der) else { return nil }
        switch structure.type {
        case NID_pkcs7_signed:
            let content = structure.content
            self = content == nil && !structure.hasSigners ? .certificates : .signed(content)
        case NID_pkcs7_enveloped, NID_id_smime_ct_authEnvelopedData, NID_pkcs7_encrypted: self = .encrypted
        case NID_id_smime_ct_compressedData: self = .compressed
        default: self = .other
        }
    }
}
