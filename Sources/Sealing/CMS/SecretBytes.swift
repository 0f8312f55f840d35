import CLibcrypto

/// Key material in an allocation of its own, overwritten in `deinit`. Sole owner: Swift never copies the bytes.
package struct SecretBytes: ~Copyable {
    package let buffer: UnsafeMutableRawBufferPointer

    /// Zeroed bytes, for the caller to fill.
    package init(count: Int) {
        buffer = .allocate(byteCount: count, alignment: 16)
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
    }

    package static func random(count: Int) throws(CryptoError) -> SecretBytes {
        let secret = SecretBytes(count: count)
        try CryptoError.check("make a random key") { RAND_priv_bytes(secret.pointer, Int32(count)) }
        return secret
    }

    package var pointer: UnsafeMutablePointer<UInt8> {
        buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
    }

    deinit {
        OPENSSL_cleanse(buffer.baseAddress, buffer.count)
        buffer.deallocate()
    }
}

// The creator fills it before sharing it with another thread; from then on it is only read.
extension SecretBytes: @unchecked Sendable {}
