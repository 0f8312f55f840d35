import Glibc
import System

/// The lock that gives one daemon a spool, held until `deinit`.
///
/// It locks the directory, which works on a full or read-only disk too, and the file `lock` in it, for file systems
/// that cannot lock directories (NFS).
final class SpoolLock: Sendable {
    private let held: [Held]

    /// `alarm` is called if the disk does not allow the process id to be written; the daemon works all the same. Throws
    /// if another daemon holds the lock.
    init(directory path: String, alarm: (String) -> Void) throws(SpoolError) {
        let directory = try Held(SpoolError.wrapping(FileDescriptor(path, O_RDONLY | O_DIRECTORY)), spool: path)
        do throws(SpoolError) {
            let file = try Held(
                SpoolError.wrapping(FileDescriptor("\(path)/lock", O_RDWR | O_CREAT)), spool: path)
            guard file.isLocked || directory.isLocked else { throw .system("lock", path) }
            held = [directory, file]
            file.write(Array("\(getpid())\n".utf8), alarm)
        } catch {
            guard error.isOfDisk, directory.isLocked else { throw error }
            held = [directory]
            alarm("\(error)")
        }
    }

    /// One of the two locks.
    private final class Held: Sendable {
        /// False if the file system does not support the lock.
        let isLocked: Bool
        private let file: FileDescriptor

        init(_ file: consuming FileDescriptor, spool: String) throws(SpoolError) {
            isLocked = flock(file.number, LOCK_EX | LOCK_NB) == 0
            guard isLocked || errno != EWOULDBLOCK else {
                throw SpoolError("another lever-milter uses the spool \(spool); stop it or name another spool")
            }
            self.file = file
        }

        deinit {
            // Closing is not enough: a child process may hold a copy of the descriptor until it calls exec.
            flock(file.number, LOCK_UN)
        }

        func write(_ bytes: [UInt8], _ alarm: (String) -> Void) {
            ftruncate(file.number, 0)
            do {
                try SpoolError.wrapping(file.write(bytes, at: 0))
            } catch {
                alarm("\(error)")
            }
        }
    }
}
