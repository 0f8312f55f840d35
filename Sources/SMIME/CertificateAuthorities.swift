import CLibcrypto

/// The authorities whose certificates count for signatures of mail: the reader's choice.
///
/// Owns a trust store; immutable once made.
public final class CertificateAuthorities: Sendable {
    /// libcrypto counts references and locks within the store.
    nonisolated(unsafe) let store: OpaquePointer

    /// Takes certificates in PEM form, one after the other, as in `/etc/ssl/certs/ca-certificates.crt`. A certificate
    /// that is no authority counts for itself alone. Other PEM blocks are passed over.
    public init(pem: [UInt8]) throws(SMIMEError) {
        store = try SMIMEError.unwrap(.failed) { X509_STORE_new() }
        ERR_clear_error()
        // The end of the text leaves an error.
        defer { ERR_clear_error() }
        // The source borrows the bytes.
        let count = pem.withUnsafeBytes { bytes in
            guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return 0 }
            defer { BIO_free(source) }
            var count = 0
            while let certificate = PEM_read_bio_X509(source, nil, nil, nil) {
                if X509_STORE_add_cert(store, certificate) == 1 { count += 1 }
                X509_free(certificate)
            }
            return count
        }
        guard count > 0 else { throw .noCertificates }
    }

    deinit { X509_STORE_free(store) }
}
