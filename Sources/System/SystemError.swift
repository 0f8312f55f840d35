import Glibc

/// A system call that failed: what was attempted, on what, and the system's reason. Never the content of a file.
///
/// Errors of other targets wrap it and add what to do.
public struct SystemError: Error, CustomStringConvertible, Sendable {
    /// The system's error number (errno(3)); 0 where a file ended before the bytes that were asked for.
    public let code: Int32
    /// A verb: `open`, `fsync`.
    public let action: String
    /// The file's path, or another name of what the action was attempted on.
    public let path: String

    public init(_ action: String, _ path: String, _ code: Int32) {
        self.action = action
        self.path = path
        self.code = code
    }

    /// Takes the reason from `errno`: call it right after the failed system call.
    public static func last(_ action: String, _ path: String) -> SystemError { SystemError(action, path, errno) }

    /// The system's words: `No such file or directory`.
    public var reason: String { code == 0 ? "it ends early" : String(cString: strerror(code)) }

    public var description: String { "cannot \(action) \(path): \(reason)" }
}
