import Glibc
public import System

/// The spool could not do what was asked: the system's reason, where, and what to do. Never the content.
public struct SpoolError: Error, CustomStringConvertible, Sendable {
    public let description: String
    /// The system's error number; 0 where the reason is not the system's.
    public let code: Int32

    /// There was no room.
    public var isFull: Bool { code == ENOSPC || code == EDQUOT }

    /// There is no such file, or no longer.
    public var isGone: Bool { code == ENOENT }

    /// The user lacks the permission.
    public var isForbidden: Bool { code == EACCES || code == EPERM }

    /// The disk is at fault: full, read-only or failing. An administrator may mend that while the daemon runs.
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

    /// Call it right after the failed system call: it reads `errno`.
    static func system(_ action: String, _ path: String) -> SpoolError { SpoolError(.last(action, path)) }

    /// The value of an expression that only the system can refuse; throws its refusal in the spool's terms.
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
