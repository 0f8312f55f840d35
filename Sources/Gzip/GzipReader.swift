import CZlib
import Glibc
public import System

/// A file compressed by gzip (RFC 1952), decompressed while it is read, by zlib. Used by one thread at a time.
public final class GzipReader {
    public enum Failure: Error, Sendable {
        case system(SystemError)
        /// It is not compressed, its checksum is wrong, or it is cut short.
        case damaged
    }

    private let file: gzFile
    private let path: String

    /// Reads from where the descriptor stands, and moves it: the file may be asked how far it was read.
    public init(_ descriptor: Int32, path: String) throws(Failure) {
        self.path = path
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .system(.last("open", path)) }
        guard let file = gzdopen(copy, "rb") else {
            close(copy)
            throw .system(SystemError("open", path, ENOMEM))
        }
        self.file = file
    }

    deinit { gzclose(file) }

    /// The next decompressed bytes; 0 at the end. What was cut short throws at its end.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        errno = 0
        let count = gzread(file, buffer.baseAddress, UInt32(clamping: buffer.count))
        // zlib hands on what is no gzip file as it is.
        if count >= 0, gzdirect(file) != 0 { throw .damaged }
        var code: Int32 = Z_OK
        _ = gzerror(file, &code)
        if count < 0 { throw code == Z_ERRNO ? .system(.last("read", path)) : .damaged }
        if count == 0, code == Z_BUF_ERROR { throw .damaged }
        return Int(count)
    }
}
