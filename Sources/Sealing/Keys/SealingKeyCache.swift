import Synchronization

/// Parsed public keys: libcrypto takes longer to parse one than for everything else that a small message needs. Any
/// thread.
public final class SealingKeyCache: Sendable {
    private let keys = Mutex<[[UInt8]: SealingKey]>([:])

    /// Number of keys held; a few kilobytes each.
    private static let limit = 1000

    public init() {}

    /// The cached key, or one parsed now. Throws as `SealingKey.init(subjectPublicKeyInfo:)`.
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
