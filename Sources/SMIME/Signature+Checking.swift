import CLibcrypto

extension Signature {
    /// Checks signed data.
    ///
    /// - Parameters:
    ///   - der: The CMS structure.
    ///   - content: The bytes that are signed (RFC 8551 section 3.5.3: the first part with its header, lines ending in
    ///     CRLF); nil if they are within the structure.
    ///   - authorities: Without them, nothing is checked.
    ///   - time: Seconds since 1970 at which certificates must be valid: when the message came.
    public init(_ der: [UInt8], content: [UInt8]?, authorities: CertificateAuthorities?, at time: Int) {
        do throws(SMIMEError) {
            let structure = try CMSStructure(der)
            guard structure.type == NID_pkcs7_signed, structure.hasSigners else { throw .malformed }
            guard structure.isCheckable else { throw .tooLarge }
            let signers = structure.signers
            guard let authorities else {
                self.init(state: .notChecked, signers: signers)
                return
            }
            let problem = try structure.problem(content: content, authorities: authorities, at: time)
            self.init(state: problem.map { .invalid($0) } ?? .valid, signers: signers)
        } catch {
            self.init(state: .invalid(error.description), signers: [])
        }
    }
}

extension CMSStructure {
    /// Nil if every signature is good and every signer vouched for.
    fileprivate func problem(
        content: [UInt8]?, authorities: CertificateAuthorities, at time: Int
    ) throws(SMIMEError) -> String? {
        if content == nil, self.content == nil { return "what it signs is missing" }
        // First whether the text is as it was signed: that is what a reader needs to know first.
        if let problem = try verify(content, authorities, UInt32(CMS_NO_SIGNER_CERT_VERIFY), time) { return problem }
        return try verify(content, authorities, 0, time)
    }

    private func verify(
        _ content: [UInt8]?, _ authorities: CertificateAuthorities, _ flags: UInt32, _ time: Int
    ) throws(SMIMEError) -> String? {
        ERR_clear_error()
        defer { ERR_clear_error() }
        let store = try authorities.copy(at: time)
        defer { X509_STORE_free(store) }
        let flags = flags | UInt32(CMS_BINARY)
        guard let content else { return result(CMS_verify(pointer, nil, store, nil, nil, flags)) }
        // The source borrows the bytes.
        return content.withUnsafeBytes { bytes in
            let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
            defer { BIO_free(source) }
            return result(CMS_verify(pointer, nil, store, source, nil, flags))
        }
    }

    /// Nil if the call succeeded; else words for the first error that says why.
    private func result(_ status: Int32) -> String? {
        guard status != 1 else { return nil }
        while case let code = ERR_get_error(), code != 0 {
            guard ERR_GET_LIB(code) == ERR_LIB_CMS else { continue }
            switch ERR_GET_REASON(code) {
            case CMS_R_CERTIFICATE_VERIFY_ERROR:
                return "no given authority vouches for the signer, or the certificate was not valid at the time"
            case CMS_R_SIGNER_CERTIFICATE_NOT_FOUND: return "the signer's certificate is missing"
            case CMS_R_VERIFICATION_FAILURE, CMS_R_CONTENT_VERIFY_ERROR, CMS_R_MESSAGEDIGEST_WRONG_LENGTH,
                CMS_R_MESSAGEDIGEST_ATTRIBUTE_WRONG_LENGTH:
                return "the message was changed after it was signed"
            default: continue
            }
        }
        return "it cannot be checked"
    }

    /// The signers' certificates that the structure holds.
    fileprivate var signers: [Signature.Signer] {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let infos = CMS_get0_SignerInfos(pointer), let certificates = CMS_get1_certs(pointer) else { return [] }
        defer { CLibcrypto_free_certificates(certificates) }
        return (0..<OPENSSL_sk_num(infos)).compactMap { number in
            guard let info = OPENSSL_sk_value(infos, number) else { return nil }
            for index in 0..<OPENSSL_sk_num(certificates) {
                guard let certificate = OPENSSL_sk_value(certificates, index) else { continue }
                if CMS_SignerInfo_cert_cmp(OpaquePointer(info), OpaquePointer(certificate)) == 0 {
                    return Signature.Signer(certificate: OpaquePointer(certificate))
                }
            }
            return nil
        }
    }
}

extension CertificateAuthorities {
    /// A store with the same authorities that looks at certificates as of the time. Purpose and depth are those of
    /// `CMS_verify`: signing mail.
    fileprivate func copy(at time: Int) throws(SMIMEError) -> OpaquePointer {
        let copy = try SMIMEError.unwrap(.failed) { X509_STORE_new() }
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(copy), time)
        // A self-signed or intermediate certificate that the reader names is an authority too.
        X509_STORE_set_flags(copy, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        guard let all = X509_STORE_get1_all_certs(store) else {
            X509_STORE_free(copy)
            throw .failed
        }
        defer { CLibcrypto_free_certificates(all) }
        for index in 0..<OPENSSL_sk_num(all) {
            X509_STORE_add_cert(copy, OPENSSL_sk_value(all, index).map { OpaquePointer($0) })
        }
        return copy
    }
}
