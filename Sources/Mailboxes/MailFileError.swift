import Glibc

/// Mail that cannot be read: one line that says why. Never the content.
public struct MailFileError: Error, CustomStringConvertible, Sendable {
    public let description: String

    init(_ description: String) { self.description = description }

    /// What errno says. Call it right after the failed system call.
    static func system() -> MailFileError { MailFileError(String(cString: strerror(errno))) }
}
