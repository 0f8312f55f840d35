import CLibcrypto

/// A key for HMAC-SHA256 (RFC 2104).
public struct HMACKey: Hashable, Sendable {
    private let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The HMAC, 32 bytes. Throws if the key is empty, since anyone could forge under it.
    public func authenticationCode(for message: [UInt8]) throws(CryptoError) -> [UInt8] {
        let operation = "compute an HMAC"
        guard !bytes.isEmpty else { throw CryptoError(operation: operation, reason: "the key is empty") }
        var code = [UInt8](repeating: 0, count: SHA256.length)
        _ = try CryptoError.unwrap(operation) {
            HMAC(EVP_sha256(), bytes, Int32(bytes.count), message, message.count, &code, nil)
        }
        return code
    }
}
