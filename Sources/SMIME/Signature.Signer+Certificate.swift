import CLibcrypto

extension Signature.Signer {
    /// Reads a certificate, borrowed for the call.
    init(certificate: OpaquePointer) {
        name = Self.commonName(X509_get_subject_name(certificate))
        issuer = Self.commonName(X509_get_issuer_name(certificate))
        // Subject alternative names first, then the subject's (RFC 8550 section 3).
        let found = X509_get1_email(certificate)
        defer { X509_email_free(found) }
        // A null stack counts -1.
        addresses = (0..<max(0, min(20, OPENSSL_sk_num(found)))).compactMap { index in
            OPENSSL_sk_value(found, index).map {
                let text = String(cString: $0.assumingMemoryBound(to: CChar.self))
                return String(text.prefix(SMIMELimits.name))
            }
        }
    }

    /// The last common name, or organization; empty if there is neither.
    private static func commonName(_ name: OpaquePointer?) -> String {
        for kind in [NID_commonName, NID_organizationName] {
            let index = X509_NAME_get_index_by_NID(name, kind, -1)
            guard index >= 0, let value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)) else { continue }
            var bytes: UnsafeMutablePointer<UInt8>?
            let count = ASN1_STRING_to_UTF8(&bytes, value)
            guard count >= 0, let bytes else { continue }
            defer { CLibcrypto_free(bytes) }
            let text = UnsafeBufferPointer(start: bytes, count: min(Int(count), SMIMELimits.name))
            return String(decoding: text, as: UTF8.self)
        }
        return ""
    }
}
