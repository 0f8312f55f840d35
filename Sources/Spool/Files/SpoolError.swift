import Glibc
public import System

/// A failed operation on the spool: the system's reason, the path, and what to do. Never the content.
public struct SpoolError: Error, CustomStringConvertible, Sendable {
    public let description: String
    /// The system's error number; 0 if the error is not the system's.
    public let code: Int32

    /// The disk is full, or the quota is used up.
    public var isFull: Bool { code == ENOSPC || code == EDQUOT }

    /// The file does not exist, or no longer.
    public var isGone: Bool { code == ENOENT }

    /// The user lacks the permission.
    public var isForbidden: Bool { code == EACCES || code == EPERM }

    /// The disk is at fault: full, read-only or failing. An administrator can correct that while the daemon runs.
    var isOfDisk: Bool { isFull || code == EROFS || code == EIO }

    init(_ description: String) {
        self.description = description
        code = 0
    }

    public init(_ error: SystemError) {
        var description = error.description
        switch error.code {
        case ENOSPC, EDQUOT: description += "; free disk space"
        case EROFS: description += "; make the file system writable"
        case EACCES, EPERM: description += "; the directory must belong to the user that lever-milter runs as"
        case ENOENT where error.action == "create": description += "; create its parent directory"
        case ENOTDIR: description += "; name a directory as 'spool'"
        default: break
        }
        self.description = description
        code = error.code
    }

    /// Reads `errno`: call it right after the failed system call.
    static func system(_ action: String, _ path: String) -> SpoolError { SpoolError(.last(action, path)) }

    /// Evaluates an expression, and turns an error of the system into one of the spool.
    public static func wrapping<Value: ~Copyable>(
        _ body: @autoclosure () throws(SystemError) -> Value
    ) throws(SpoolError) -> Value {
        do {
            return try body()
        } catch {
            throw SpoolError(error)
        }
    }
}
