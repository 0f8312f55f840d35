import Glibc
import System

extension FileDescriptor {
    /// Opens a file of the spool; nil where there is none. A link, FIFO or socket is refused, whoever put it there:
    /// nothing is read through it, and nobody waits for it.
    static func spooled(_ path: String, _ flags: Int32 = O_RDONLY) throws(SpoolError) -> FileDescriptor? {
        let planted = SpoolError(
            "\(path) is not a regular file; the daemon makes no other: find out who did, and remove it")
        do throws(SystemError) {
            guard let file = try FileDescriptor.existing(path, flags | O_NOFOLLOW | O_NONBLOCK) else { return nil }
            guard try file.isRegular() else { throw SystemError("open", path, EINVAL) }
            return file
        } catch {
            // A link; a socket; a FIFO without a reader.
            if [ELOOP, ENXIO, EISDIR, EINVAL].contains(error.code) { throw planted }
            throw SpoolError(error)
        }
    }

    borrowing func readSpooled(_ range: Range<Int>) throws(SpoolError) -> [UInt8] {
        try SpoolError.wrapping(read(range))
    }

    borrowing func writeSpooled(_ bytes: [UInt8], at offset: Int) throws(SpoolError) {
        try SpoolError.wrapping(write(bytes, at: offset))
    }
}
