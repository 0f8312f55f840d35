import Glibc

/// The spool could not do what was asked: the system's reason, and where. Never the content.
public struct SpoolError: Error, CustomStringConvertible, Sendable {
    public let description: String
    /// The system's error number; 0 where the reason is not the system's.
    public let code: Int32

    /// There was no room.
    public var isFull: Bool { code == ENOSPC || code == EDQUOT }

    /// There is no such file, or no more.
    public var isGone: Bool { code == ENOENT }

    /// The user may not do that there.
    public var isForbidden: Bool { code == EACCES || code == EPERM }

    /// The disk is at fault: full, read-only or failing. An administrator may mend that while the daemon runs.
    var isOfDisk: Bool { isFull || code == EROFS || code == EIO }

    init(_ description: String) {
        self.description = description
        code = 0
    }

    /// Call it right after the failed system call: it reads `errno`.
    static func system(_ action: String, _ path: String) -> SpoolError {
        SpoolError(action, path, errno)
    }

    init(_ action: String, _ path: String, _ code: Int32) {
        var description = "cannot \(action) \(path): \(String(cString: strerror(code)))"
        switch code {
        case ENOSPC, EDQUOT: description += "; free disk space"
        case EROFS: description += "; make the file system writable"
        case EACCES, EPERM: description += "; the directory must belong to the user that lever-milter runs as"
        case ENOENT where action == "create": description += "; create the directory that it is to be in"
        case ENOTDIR: description += "; name a directory as 'spool'"
        default: break
        }
        self.description = description
        self.code = code
    }
}
