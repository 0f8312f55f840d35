import CLibcrypto

/// What libcrypto would not do, and why. Never holds keys or content.
public struct CryptoError: Error, Hashable, CustomStringConvertible {
    /// What was asked for, in the infinitive: `make a key`.
    public let operation: String
    /// OpenSSL's own words, or ours where OpenSSL was not asked.
    public let reason: String

    package init(operation: String, reason: String) {
        self.operation = operation
        self.reason = reason
    }

    public var description: String { "cannot \(operation): \(reason)" }

    /// Makes one libcrypto call that answers with an object or null. The calling thread's error queue is empty before
    /// and after.
    package static func unwrap<T>(_ operation: String, _ call: () -> T?) throws(CryptoError) -> T {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let result = call() else {
            // The first entry of the queue is the cause, those after it are its consequences.
            let reason = ERR_reason_error_string(ERR_get_error()).map { String(cString: $0) }
            throw CryptoError(operation: operation, reason: reason ?? "libcrypto gave no reason")
        }
        return result
    }

    /// Makes one libcrypto call that answers 1 for success.
    package static func check(_ operation: String, _ call: () -> Int32) throws(CryptoError) {
        _ = try unwrap(operation) { call() == 1 ? true : nil }
    }
}
