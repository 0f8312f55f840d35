import Glibc

/// An open file, closed with this value. Whoever holds it owns it.
public struct FileDescriptor: ~Copyable, Sendable {
    public let number: Int32
    public let path: String

    /// Opens the file close-on-exec; one that is created is readable and writable by its owner alone (0600).
    public init(_ path: String, _ flags: Int32) throws(SystemError) {
        try self.init(number: open(path, flags | O_CLOEXEC, 0o600), path: path)
    }

    /// As `init`; nil where there is no such file.
    public static func existing(_ path: String, _ flags: Int32) throws(SystemError) -> FileDescriptor? {
        let number = open(path, flags | O_CLOEXEC)
        if number < 0, errno == ENOENT { return nil }
        return try FileDescriptor(number: number, path: path)
    }

    /// As `init`, by a name in an open directory.
    init(_ name: String, _ flags: Int32, in directory: borrowing FileDescriptor) throws(SystemError) {
        try self.init(
            number: openat(directory.number, name, flags | O_CLOEXEC, 0o600), path: "\(directory.path)/\(name)")
    }

    /// Takes what a system call returned; `errno` is its reason if that is negative.
    init(number: Int32, path: String) throws(SystemError) {
        self.number = number
        self.path = path
        guard number >= 0 else { throw .last("open", path) }
    }

    deinit { close(number) }

    /// Writes all of it, however few bytes the system takes at a time.
    public borrowing func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        let (number, path) = (number, path)
        try writeAll(bytes, path) { pwrite(number, $0, $1, off_t(offset + $2)) }
    }

    /// Reads exactly these bytes: a file that ends before is an error with the code 0.
    public borrowing func read(_ range: Range<Int>) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let got = pread(
                    number, buffer.baseAddress! + count, range.count - count, off_t(range.lowerBound + count))
                if got > 0 {
                    count += got
                } else if got == 0 {
                    failure = SystemError("read", path, 0)
                    return
                } else if errno != EINTR {
                    failure = .last("read", path)
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Reads the next bytes from where the file stands; 0 at its end.
    public borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try readBytes(number, into: buffer, path: path)
    }

    /// Reads from where the file stands to its end, but no more than `limit` bytes. For files of /proc and pipes too,
    /// whose size is not known before.
    public borrowing func readToEnd(limit: Int = .max) throws(SystemError) -> [UInt8] {
        // One byte more than the file has: the read that fills less than the room is followed by the one that ends it.
        let room = min(limit, max(try size() + 1, 8192))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(room)
        var chunk = [UInt8](repeating: 0, count: room)
        while bytes.count < limit {
            let count = Glibc.read(number, &chunk, min(chunk.count, limit - bytes.count))
            if count == 0 { break }
            guard count > 0 || errno == EINTR else { throw .last("read", path) }
            bytes += chunk.prefix(max(0, count))
        }
        return bytes
    }

    public borrowing func size() throws(SystemError) -> Int {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw .last("read", path) }
        return Int(status.st_size)
    }

    public borrowing func isRegular() throws(SystemError) -> Bool {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw .last("read", path) }
        return status.st_mode & S_IFMT == S_IFREG
    }

    /// The owner's user id, and the permission bits.
    public borrowing func ownership() throws(SystemError) -> (owner: UInt32, permissions: UInt32) {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw .last("read", path) }
        return (status.st_uid, status.st_mode & 0o7777)
    }

    /// Gives the file to the owner and group of another file.
    public borrowing func takeOwner(of model: String) throws(SystemError) {
        var status = stat()
        guard stat(model, &status) == 0 else { throw .last("read", model) }
        guard fchown(number, status.st_uid, status.st_gid) == 0 else { throw .last("change the owner of", path) }
    }

    /// A failed fsync must not be repeated on the same file: the kernel may have dropped the pages that it could not
    /// write, and the second call would report success.
    public borrowing func synchronize() throws(SystemError) {
        guard fsync(number) == 0 else { throw .last("fsync", path) }
    }
}

/// read(2), again where a signal came in between.
func readBytes(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, path: String
) throws(SystemError) -> Int {
    while true {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        if count >= 0 { return count }
        guard errno == EINTR else { throw .last("read", path) }
    }
}

/// Writes bytes to standard output, all of them.
public func writeStandardOutput(_ bytes: [UInt8]) throws(SystemError) {
    try writeAll(bytes, "standard output") { bytes, count, _ in Glibc.write(STDOUT_FILENO, bytes, count) }
}

/// `write` takes a pointer to the rest of the bytes, how many these are, and how many were written before.
private func writeAll(
    _ bytes: [UInt8], _ path: String, _ write: (UnsafeRawPointer, Int, Int) -> Int
) throws(SystemError) {
    var done = 0
    while done < bytes.count {
        let count = bytes.withUnsafeBytes { write($0.baseAddress! + done, bytes.count - done, done) }
        if count > 0 {
            done += count
        } else if count == 0 {
            throw SystemError("write", path, EIO)
        } else if errno != EINTR {
            throw .last("write", path)
        }
    }
}
