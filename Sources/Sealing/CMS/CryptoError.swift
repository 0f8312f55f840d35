import CLibcrypto

/// A libcrypto call that failed: the operation and the reason. Never holds keys or content.
public struct CryptoError: Error, Hashable, CustomStringConvertible {
    /// The operation that failed, as an infinitive: `make a key`.
    public let operation: String
    /// OpenSSL's error text, or ours if OpenSSL was not called.
    public let reason: String

    package init(operation: String, reason: String) {
        self.operation = operation
        self.reason = reason
    }

    public var description: String { "cannot \(operation): \(reason)" }

    /// Makes one libcrypto call that returns an object, or null on failure. Clears the calling thread's error queue
    /// before and after.
    package static func unwrap<T>(_ operation: String, _ call: () -> T?) throws(CryptoError) -> T {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let result = call() else {
            // The first entry in the queue is the cause; later ones are its consequences.
            let reason = ERR_reason_error_string(ERR_get_error()).map { String(cString: $0) }
            throw CryptoError(operation: operation, reason: reason ?? "libcrypto gave no reason")
        }
        return result
    }

    /// Makes one libcrypto call that returns 1 on success.
    package static func check(_ operation: String, _ call: () -> Int32) throws(CryptoError) {
        _ = try unwrap(operation) { call() == 1 ? true : nil }
    }
}
