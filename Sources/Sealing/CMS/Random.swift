import CLibcrypto

/// Cryptographically random bytes for keys and nonces, from libcrypto's generator.
public func randomBytes(_ count: Int) throws(CryptoError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try CryptoError.check("make random bytes") { RAND_bytes(&bytes, Int32(count)) }
    return bytes
}

/// Compares in time that depends on the lengths alone.
public func constantTimeEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
}
