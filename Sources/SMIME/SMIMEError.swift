import CLibcrypto

/// Why a structure or a file of certificates cannot be used. Holds no mail content.
public enum SMIMEError: Error, Hashable, CustomStringConvertible {
    case malformed
    case tooLarge
    /// A file without a certificate in PEM form.
    case noCertificates
    /// libcrypto is out of memory.
    case failed

    public var description: String {
        switch self {
        case .malformed: "the signature is damaged"
        case .tooLarge: "the signature is too large"
        case .noCertificates: "there is no certificate in it; give certificates in PEM form (BEGIN CERTIFICATE)"
        case .failed: "libcrypto failed"
        }
    }

    /// Makes one libcrypto call that returns an object, or null on failure. Clears the calling thread's error queue
    /// before and after.
    static func unwrap<T>(_ error: SMIMEError, _ call: () -> T?) throws(SMIMEError) -> T {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let result = call() else { throw error }
        return result
    }
}
