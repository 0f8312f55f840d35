import Synchronization

/// Public keys that were read once: to read one takes libcrypto longer than all else that a small message needs. Any
/// thread.
public final class SealingKeyCache: Sendable {
    private let keys = Mutex<[[UInt8]: SealingKey]>([:])

    /// Of these, not of all companies: a key takes some kilobytes.
    private static let limit = 1000

    public init() {}

    /// As `SealingKey.init(subjectPublicKeyInfo:)`.
    public func key(subjectPublicKeyInfo: [UInt8]) throws(CryptoError) -> SealingKey {
        if let key = keys.withLock({ $0[subjectPublicKeyInfo] }) { return key }
        let key = try SealingKey(subjectPublicKeyInfo: subjectPublicKeyInfo)
        keys.withLock { keys in
            if keys.count >= Self.limit { keys.removeAll() }
            keys[subjectPublicKeyInfo] = key
        }
        return key
    }
}
