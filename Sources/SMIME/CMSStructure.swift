import CLibcrypto

/// Sole owner of a parsed CMS structure.
struct CMSStructure: ~Copyable {
    let pointer: OpaquePointer

    /// Throws if the bytes are no CMS structure. libcrypto bounds the nesting itself, and copies each byte once.
    init(_ der: [UInt8]) throws(SMIMEError) {
        guard der.count <= SMIMELimits.structure else { throw .tooLarge }
        pointer = try SMIMEError.unwrap(.malformed) {
            der.withUnsafeBufferPointer { bytes in
                var next = bytes.baseAddress
                return d2i_CMS_ContentInfo(nil, &next, bytes.count)
            }
        }
    }

    deinit { CMS_ContentInfo_free(pointer) }

    /// libcrypto's number of the content type.
    var type: Int32 { OBJ_obj2nid(CMS_get0_type(pointer)) }

    /// The data inside signed data; nil if it is detached, or no data.
    var content: [UInt8]? {
        guard type == NID_pkcs7_signed, OBJ_obj2nid(CMS_get0_eContentType(pointer)) == NID_pkcs7_data,
            let content = CMS_get0_content(pointer)?.pointee, let bytes = ASN1_STRING_get0_data(content)
        else { return nil }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(ASN1_STRING_length(content))))
    }

    var hasSigners: Bool { signerCount > 0 }

    /// Signers and certificates together are few in mail; each costs a computation.
    var isCheckable: Bool { signerCount <= SMIMELimits.signers && certificateCount <= SMIMELimits.certificates }

    private var signerCount: Int { CMS_get0_SignerInfos(pointer).map { Int(OPENSSL_sk_num($0)) } ?? 0 }

    private var certificateCount: Int {
        guard let all = CMS_get1_certs(pointer) else { return 0 }
        defer { CLibcrypto_free_certificates(all) }
        return Int(OPENSSL_sk_num(all))
    }
}
