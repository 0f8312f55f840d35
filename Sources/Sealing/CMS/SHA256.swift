import CLibcrypto

/// Incremental SHA-256 (FIPS 180-4). Owns its libcrypto context. One thread at a time.
public struct SHA256: ~Copyable {
    /// Length of a digest in bytes.
    public static let length = 32

    private let context: OpaquePointer

    public init() throws(CryptoError) {
        context = try CryptoError.unwrap("start a SHA-256 digest") {
            guard let context = EVP_MD_CTX_new() else { return nil }
            if EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 { return context }
            EVP_MD_CTX_free(context)
            return nil
        }
    }

    deinit { EVP_MD_CTX_free(context) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) throws(CryptoError) {
        let context = context
        try CryptoError.check("continue a SHA-256 digest") {
            EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        }
    }

    public mutating func update(_ bytes: some Collection<UInt8>) throws(CryptoError) {
        let context = context
        try CryptoError.check("continue a SHA-256 digest") {
            bytes.withContiguousStorageIfAvailable { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
                ?? EVP_DigestUpdate(context, Array(bytes), bytes.count)
        }
    }

    /// The digest, 32 bytes.
    public consuming func finish() throws(CryptoError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Self.length)
        let context = context
        try CryptoError.check("finish a SHA-256 digest") { EVP_DigestFinal_ex(context, &digest, nil) }
        return digest
    }

    /// The digest as key material.
    consuming func finishSecret() throws(CryptoError) -> SecretBytes {
        let digest = SecretBytes(count: Self.length)
        let context = context
        try CryptoError.check("finish a SHA-256 digest") { EVP_DigestFinal_ex(context, digest.pointer, nil) }
        return digest
    }

    public static func digest(of bytes: some Collection<UInt8>) throws(CryptoError) -> [UInt8] {
        var hash = try SHA256()
        try hash.update(bytes)
        return try hash.finish()
    }
}

// May move between threads; the mutating functions need exclusive access.
extension SHA256: @unchecked Sendable {}
