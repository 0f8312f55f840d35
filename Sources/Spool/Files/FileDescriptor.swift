import Glibc

/// An open file, closed with this value.
struct FileDescriptor: ~Copyable {
    let number: Int32
    let path: String

    /// Opens close-on-exec; new files are readable and writable by their owner alone.
    init(_ path: String, _ flags: Int32) throws(SpoolError) {
        number = open(path, flags | O_CLOEXEC, 0o600)
        self.path = path
        guard number >= 0 else { throw .system("open", path) }
    }

    /// As `init`; nil where there is no such file.
    static func existing(_ path: String, _ flags: Int32) throws(SpoolError) -> FileDescriptor? {
        let number = open(path, flags | O_CLOEXEC)
        if number < 0, errno == ENOENT { return nil }
        return try FileDescriptor(number: number, path: path)
    }

    private init(number: Int32, path: String) throws(SpoolError) {
        self.number = number
        self.path = path
        guard number >= 0 else { throw .system("open", path) }
    }

    deinit { close(number) }

    /// Writes all of it, however few bytes the system takes at a time.
    borrowing func write(_ bytes: [UInt8], at offset: Int) throws(SpoolError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(number, $0.baseAddress! + done, bytes.count - done, off_t(offset + done))
            }
            if count > 0 {
                done += count
            } else if count == 0 {
                throw SpoolError("write", path, EIO)
            } else if errno != EINTR {
                throw .system("write", path)
            }
        }
    }

    borrowing func read(_ range: Range<Int>) throws(SpoolError) -> [UInt8] {
        var failure: SpoolError?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let got = pread(
                    number, buffer.baseAddress! + count, range.count - count, off_t(range.lowerBound + count))
                if got > 0 {
                    count += got
                } else if got == 0 {
                    failure = SpoolError("\(path) ends early")
                    return
                } else if errno != EINTR {
                    failure = .system("read", path)
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    borrowing func size() throws(SpoolError) -> Int {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw .system("read", path) }
        return Int(status.st_size)
    }

    /// The owner and group of another file from now on.
    borrowing func takeOwner(of model: String) throws(SpoolError) {
        var status = stat()
        guard stat(model, &status) == 0 else { throw .system("read", model) }
        guard fchown(number, status.st_uid, status.st_gid) == 0 else { throw .system("change the owner of", path) }
    }

    /// A failed fsync is never tried again on the same file: the kernel may have dropped the pages that it could not
    /// write, and the second call would report success.
    borrowing func synchronize() throws(SpoolError) {
        guard fsync(number) == 0 else { throw .system("fsync", path) }
    }
}

/// Replaces a file whole: readers see the old content or the new, also after a crash. Mode 0600.
public func replaceFile(_ path: String, with bytes: [UInt8]) throws(SpoolError) {
    try replaceFile(path, with: bytes, ownedAs: nil)
}

/// As `replaceFile`; root gives the new file to the owner of another.
func replaceFile(_ path: String, with bytes: [UInt8], ownedAs model: String?) throws(SpoolError) {
    let temporary = path + ".new"
    unlink(temporary)
    do {
        let file = try FileDescriptor(temporary, O_WRONLY | O_CREAT | O_EXCL)
        if let model, geteuid() == 0 { try file.takeOwner(of: model) }
        try file.write(bytes, at: 0)
        try file.synchronize()
    } catch {
        unlink(temporary)
        throw error
    }
    guard rename(temporary, path) == 0 else { throw .system("rename", temporary) }
    try synchronizeDirectory(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
}

/// Makes names that came to a directory, and went from it, durable.
func synchronizeDirectory(_ directory: String) throws(SpoolError) {
    try FileDescriptor(directory, O_RDONLY | O_DIRECTORY).synchronize()
}

/// A whole file; nil where there is none.
public func contents(ofFile path: String) throws(SpoolError) -> [UInt8]? {
    guard access(path, F_OK) == 0 else { return nil }
    let file = try FileDescriptor(path, O_RDONLY)
    return try file.read(0..<file.size())
}
