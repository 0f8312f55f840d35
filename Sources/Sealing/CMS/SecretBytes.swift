import CLibcrypto

/// Key material in memory of its own, overwritten when it goes out of scope. Its sole owner; never copied by Swift.
package struct SecretBytes: ~Copyable {
    package let buffer: UnsafeMutableRawBufferPointer

    /// Zeros, for the caller to write over.
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

// Written by whoever makes it, before another thread can have it; read only from then on.
extension SecretBytes: @unchecked Sendable {}
