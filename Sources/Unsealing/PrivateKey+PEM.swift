import CLibcrypto
public import Sealing

/// The private key file: PEM with an encrypted PKCS#8 (RFC 5958, RFC 7468), as stock openssl reads and writes it.
extension PrivateKey {
    /// The key as a file, encrypted with AES-256-CBC under a key that scrypt (RFC 7914) derives from the passphrase.
    ///
    /// N = 2^14, r = 8, p = 5: the p compensates for the low N, since openssl refuses to read a file whose scrypt needs
    /// more than 32 MB.
    public func pem(passphrase: [UInt8]) throws(CryptoError) -> [UInt8] {
        let operation = "encrypt a private key"
        guard !passphrase.isEmpty else { throw CryptoError(operation: operation, reason: "the passphrase is empty") }
        let pointer = key.pointer
        let plain = try CryptoError.unwrap(operation) { EVP_PKEY2PKCS8(pointer) }
        defer { PKCS8_PRIV_KEY_INFO_free(plain) }
        let scheme = try CryptoError.unwrap(operation) {
            PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nil, 16, nil, 1 << 14, 8, 5)
        }
        let encrypted: OpaquePointer
        do throws(CryptoError) {
            encrypted = try CryptoError.unwrap(operation) {
                passphrase.withCharacters { PKCS8_set0_pbe($0.baseAddress, Int32($0.count), plain, scheme) }
            }
        } catch {
            X509_ALGOR_free(scheme)
            throw error
        }
        defer { X509_SIG_free(encrypted) }

        let file = try CryptoError.unwrap(operation) { BIO_new(BIO_s_mem()) }
        defer { BIO_free(file) }
        try CryptoError.check(operation) { PEM_write_bio_PKCS8(file, encrypted) }
        var pem = [UInt8](repeating: 0, count: BIO_ctrl_pending(file))
        try CryptoError.check(operation) { BIO_read(file, &pem, Int32(pem.count)) == pem.count ? 1 : 0 }
        return pem
    }

    /// Reads a file.
    public convenience init(pem: [UInt8], passphrase: [UInt8]) throws(PrivateKeyError) {
        let pointer = try Self.decrypt(pem, passphrase: passphrase)
        do throws(CryptoError) {
            try self.init(key: ECKey(adopting: pointer))
        } catch {
            throw .notP256
        }
    }

    /// The key, which the caller owns.
    private static func decrypt(_ pem: [UInt8], passphrase: [UInt8]) throws(PrivateKeyError) -> OpaquePointer {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let encrypted = readPKCS8(pem) else {
            let text = String(decoding: pem, as: UTF8.self)
            let isOther = ["", "EC "].contains { text.contains("-----BEGIN \($0)PRIVATE KEY-----") }
            throw isOther ? .notEncrypted : .notAKey
        }
        defer { X509_SIG_free(encrypted) }
        guard let plain = passphrase.withCharacters({ PKCS8_decrypt(encrypted, $0.baseAddress, Int32($0.count)) })
        else { throw .wrongPassphrase }
        defer { PKCS8_PRIV_KEY_INFO_free(plain) }

        guard let key = EVP_PKCS82PKEY(plain) else { throw .notAKey }
        guard isP256(key) else {
            EVP_PKEY_free(key)
            throw .notP256
        }
        return key
    }

    private static func readPKCS8(_ pem: [UInt8]) -> OpaquePointer? {
        pem.withUnsafeBytes { bytes in
            let file = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
            defer { BIO_free(file) }
            // The last argument is the passphrase for obsolete PEM encryption; if it is null, libcrypto asks the
            // terminal.
            var empty: CChar = 0
            return PEM_read_bio_PKCS8(file, nil, nil, &empty)
        }
    }

    private static func isP256(_ key: OpaquePointer) -> Bool {
        var name = [CChar](repeating: 0, count: 32)
        var length = 0
        return EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1
            && name.prefix(length).elementsEqual("prime256v1".utf8.map(CChar.init))
    }
}

extension [UInt8] {
    /// The bytes as the `char *` and length that a C function takes.
    fileprivate func withCharacters<T>(_ body: (UnsafeBufferPointer<CChar>) -> T) -> T {
        withUnsafeBytes { body($0.bindMemory(to: CChar.self)) }
    }
}
