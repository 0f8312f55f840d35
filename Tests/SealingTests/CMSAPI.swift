import CLibcrypto
import TestSupport

/// libcrypto's own CMS, the oracle for ours. It holds a message in memory several times.
enum CMSAPI {
    static func open(_ file: [UInt8], with key: KeyPair) throws -> [UInt8] {
        let message = try parse(file)
        defer { CMS_ContentInfo_free(message) }
        let keyFile = BIO_new_file(key.file, "r")
        defer { BIO_free(keyFile) }
        let output = BIO_new(BIO_s_mem())
        defer { BIO_free(output) }
        let privateKey = PEM_read_bio_PrivateKey(keyFile, nil, nil, nil)
        defer { EVP_PKEY_free(privateKey) }
        guard CMS_decrypt(message, privateKey, nil, nil, output, 0) == 1 else { throw HarnessError("CMS_decrypt") }
        var content = [UInt8](repeating: 0, count: BIO_ctrl_pending(output))
        BIO_read(output, &content, Int32(content.count))
        return content
    }

    /// Reads the file and encodes it again.
    static func reencoded(_ file: [UInt8]) throws -> [UInt8] {
        let message = try parse(file)
        defer { CMS_ContentInfo_free(message) }
        var encoded: UnsafeMutablePointer<UInt8>?
        let length = i2d_CMS_ContentInfo(message, &encoded)
        defer { CRYPTO_free(encoded, nil, 0) }
        return Array(UnsafeBufferPointer(start: encoded, count: Int(length)))
    }

    private static func parse(_ file: [UInt8]) throws -> OpaquePointer {
        let message = file.withUnsafeBufferPointer { bytes in
            var next = bytes.baseAddress
            return d2i_CMS_ContentInfo(nil, &next, bytes.count)
        }
        guard let message else { throw HarnessError("libcrypto does not read the CMS") }
        return message
    }
}
