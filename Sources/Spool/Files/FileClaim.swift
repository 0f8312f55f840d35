import Glibc
import System

/// Who has a spool file in hand. The delivery thread and operators' commands may want one at the same time: it is
/// delivered or moved, not both.
///
/// A claim is an advisory lock of the file itself, not of its name, so it goes with the file wherever it is moved, and
/// ends when the descriptor is closed, also by a crash.
enum FileClaim {
    /// The delivery thread reads the file, and moves it at the end.
    case toDeliver
    /// An operator's command moves or removes it.
    case toMove

    enum Answer {
        case granted
        /// Somebody else has it.
        case busy
        /// The file is no longer at the path that it was opened at.
        case moved
    }
}

extension FileDescriptor {
    /// Claims the file until this is closed. Does not wait.
    borrowing func claim(_ claim: FileClaim) throws(SpoolError) -> FileClaim.Answer {
        while flock(number, (claim == .toMove ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return .busy }
            // A file system without such locks: what is left is that a rename happens as a whole.
            if errno != EINTR { break }
        }
        var (own, current) = (stat(), stat())
        guard fstat(number, &own) == 0 else { throw .system("read", path) }
        guard lstat(path, &current) == 0 else {
            if errno == ENOENT { return .moved }
            throw .system("read", path)
        }
        return own.st_ino == current.st_ino && own.st_dev == current.st_dev ? .granted : .moved
    }
}
