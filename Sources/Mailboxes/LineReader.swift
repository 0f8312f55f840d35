import Glibc
import Gzip

/// A file of text, line by line; long lines in pieces, so that memory does not grow with them. A file compressed by gzip
/// is decompressed while it is read.
final class LineReader {
    /// A line, or a part of one, without its line feed. The bytes are good until the next one is asked for.
    struct Piece {
        var bytes: UnsafeRawBufferPointer
        var startsLine: Bool
        /// A file that ends without a line feed ends its line too.
        var endsLine: Bool

        static var emptyLine: Piece {
            Piece(bytes: UnsafeRawBufferPointer(start: nil, count: 0), startsLine: true, endsLine: true)
        }

        func starts(with text: StaticString) -> Bool {
            bytes.count >= text.utf8CodeUnitCount
                && memcmp(bytes.baseAddress!, text.utf8Start, text.utf8CodeUnitCount) == 0
        }
    }

    /// Bytes of a piece.
    static let pieceLimit = 65_536

    /// Bytes of the file.
    let size: Int
    /// When it was changed last, in seconds since 1970.
    let modified: Int
    /// Bytes of the text that were given out.
    private(set) var offset = 0

    private let file: Int32
    private let gzip: GzipReader?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceLimit, alignment: 16)
    private var filled = 0..<0
    /// Bytes of the file that may yet be read.
    private var left: Int
    private var isAtEnd = false
    private var isInLine = false

    /// What others append from now on is not read: it may come while we read, and not be all there yet. Where a mail
    /// program has the file locked to append to it, `locked` waits for that.
    init(_ path: String, locked: Bool = false) throws(MailFileError) {
        file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else {
            buffer.deallocate()
            throw .system()
        }
        do {
            if locked { try Self.waitForWriters(of: file) }
            var status = stat()
            guard fstat(file, &status) == 0 else { throw MailFileError.system() }
            guard status.st_mode & S_IFMT == S_IFREG else { throw MailFileError("it is no regular file") }
            size = Int(status.st_size)
            modified = status.st_mtim.tv_sec
            var magic: [UInt8] = [0, 0]
            let isCompressed = pread(file, &magic, 2, 0) == 2 && magic == [0x1f, 0x8b]
            let descriptor = file
            gzip =
                isCompressed
                ? try Self.decompressed { () throws(GzipReader.Failure) in try GzipReader(descriptor, path: path) }
                : nil
            left = isCompressed ? Int.max : size
        } catch {
            buffer.deallocate()
            close(file)
            throw error as! MailFileError
        }
    }

    deinit {
        buffer.deallocate()
        close(file)
    }

    /// Bytes of the file that were read.
    var position: Int { gzip == nil ? offset : max(0, Int(lseek(file, 0, SEEK_CUR))) }

    func next() throws(MailFileError) -> Piece? {
        var searched = filled.lowerBound
        while true {
            let unsearched = filled.upperBound - searched
            if unsearched > 0, let found = memchr(buffer.baseAddress! + searched, 10, unsearched) {
                let end = UnsafeRawPointer(found) - UnsafeRawPointer(buffer.baseAddress!)
                return give(end - filled.lowerBound, skip: 1, endsLine: true)
            }
            searched = filled.upperBound
            if isAtEnd {
                guard !filled.isEmpty || isInLine else { return nil }
                return give(filled.count, skip: 0, endsLine: true)
            }
            if filled.count == buffer.count {
                // CR and LF of a line's end stay together.
                let endsInCR = buffer[filled.upperBound - 1] == 13
                return give(filled.count - (endsInCR ? 1 : 0), skip: 0, endsLine: false)
            }
            if filled.upperBound == buffer.count {
                memmove(buffer.baseAddress!, buffer.baseAddress! + filled.lowerBound, filled.count)
                searched -= filled.lowerBound
                filled = 0..<filled.count
            }
            try fill()
        }
    }

    private func give(_ count: Int, skip: Int, endsLine: Bool) -> Piece {
        let start = filled.lowerBound
        filled = start + count + skip..<filled.upperBound
        offset += count + skip
        defer { isInLine = !endsLine }
        return Piece(
            bytes: UnsafeRawBufferPointer(rebasing: buffer[start..<start + count]), startsLine: !isInLine,
            endsLine: endsLine)
    }

    private func fill() throws(MailFileError) {
        let room = min(buffer.count - filled.upperBound, left)
        let free = UnsafeMutableRawBufferPointer(rebasing: buffer[filled.upperBound..<filled.upperBound + room])
        let count = room > 0 ? try read(into: free) : 0
        if count == 0 {
            // What is cut short must not be taken for a whole message.
            guard left == 0 || gzip != nil else { throw MailFileError("it became shorter while it was read") }
            isAtEnd = true
        }
        filled = filled.lowerBound..<filled.upperBound + count
        left -= count
    }

    private func read(into free: UnsafeMutableRawBufferPointer) throws(MailFileError) -> Int {
        if let gzip {
            return try Self.decompressed { () throws(GzipReader.Failure) in try gzip.read(into: free) }
        }
        var count = 0
        repeat { count = Glibc.read(file, free.baseAddress, free.count) } while count < 0 && errno == EINTR
        guard count >= 0 else { throw .system() }
        return count
    }

    private static func decompressed<Value>(
        _ body: () throws(GzipReader.Failure) -> Value
    ) throws(MailFileError) -> Value {
        do {
            return try body()
        } catch {
            switch error {
            case .system(let error): throw MailFileError(error.reason)
            case .damaged: throw MailFileError("its compressed content is damaged or cut short")
            }
        }
    }

    /// As Postfix's local(8) and mail readers lock a mailbox.
    private static func waitForWriters(of file: Int32) throws(MailFileError) {
        var lock = flock()
        lock.l_type = Int16(F_RDLCK)
        lock.l_whence = Int16(SEEK_SET)
        while fcntl(file, F_SETLKW, &lock) != 0 {
            // A file system without locks.
            guard errno == EINTR else { return }
        }
        lock.l_type = Int16(F_UNLCK)
        _ = fcntl(file, F_SETLK, &lock)
    }
}
