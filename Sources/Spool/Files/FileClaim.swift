import Glibc
import System

/// A claim on a spool file. The delivery thread and operators' commands may want the same file at the same time; it is
/// either delivered or moved.
///
/// A claim is an advisory lock on the file itself, not on its name. It follows the file when that is moved, and ends
/// when the descriptor is closed, including by a crash.
enum FileClaim {
    /// The delivery thread reads the file and then moves it.
    case toDeliver
    /// An operator's command moves or removes it.
    case toMove

    enum Answer {
        case granted
        /// Another process or thread has claimed it.
        case busy
        /// The file is no longer at the path it was opened at.
        case moved
    }
}

extension FileDescriptor {
    /// Claims the file until the descriptor is closed. Does not wait.
    borrowing func claim(_ claim: FileClaim) throws(SpoolError) -> FileClaim.Answer {
        while flock(number, (claim == .toMove ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return .busy }
            // On a file system without locks, atomic renames have to be enough.
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
