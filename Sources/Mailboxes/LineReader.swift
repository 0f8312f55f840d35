import Glibc
import Gzip

/// A file of text, line by line; long lines in pieces, so that memory does not grow with them. A file compressed by
/// gzip is decompressed while it is read, and UTF-16 becomes UTF-8. A byte order mark is no part of the text; of a file
/// of Apple Mail (.emlx) the message alone is.
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

        /// A whole line with nothing but blanks and the CR of its end.
        var isBlankLine: Bool {
            startsLine && endsLine && bytes.allSatisfy { $0 == 0x20 || $0 == 9 || $0 == 13 }
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
    /// That of the first line, once it is read: behind a byte order mark.
    private(set) var firstOffset = 0

    private let file: Int32
    private let gzip: GzipReader?
    private var utf16: UTF16Text?
    /// Text that was UTF-16 and has not been taken.
    private var converted: ArraySlice<UInt8> = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceLimit, alignment: 16)
    private var filled = 0..<0
    /// Bytes of the file that may yet be read.
    private var left: Int
    private var isAtStart = true
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
            let start = Self.bytes(of: file, at: 0, count: EmlxFrame.startLength)
            if let foreign = ForeignFormat(start: start) { throw MailFileError(foreign.reason) }
            let frame = EmlxFrame(start: start)
            if let frame { try Self.check(frame, of: file, size: size) }
            let isCompressed = start.starts(with: [0x1f, 0x8b])
            let descriptor = file
            gzip =
                isCompressed
                ? try Self.decompressed { () throws(GzipReader.Failure) in try GzipReader(descriptor, path: path) }
                : nil
            utf16 = UTF16Text(start: start)
            let text = frame?.message ?? (utf16 == nil ? 0 : UTF16Text.markLength)..<size
            if text.lowerBound > 0 { lseek(file, off_t(text.lowerBound), SEEK_SET) }
            left = isCompressed ? Int.max : text.count
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

    private static func bytes(of file: Int32, at offset: Int, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { $1 = max(0, pread(file, $0.baseAddress, count, off_t(offset))) }
    }

    private static func check(_ frame: EmlxFrame, of file: Int32, size: Int) throws(MailFileError) {
        guard frame.message.upperBound <= size,
            EmlxFrame.isEnd(bytes(of: file, at: frame.message.upperBound, count: EmlxFrame.endLength))
        else {
            throw MailFileError(
                "its first line says that the message has \(frame.message.count) bytes (.emlx of Apple Mail), and it "
                    + "has not: copy the file again as it is, byte for byte")
        }
    }

    /// Bytes of the file that were read.
    var position: Int { gzip == nil && utf16 == nil ? offset : max(0, Int(lseek(file, 0, SEEK_CUR))) }

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
        repeat {
            let free = UnsafeMutableRawBufferPointer(rebasing: buffer[filled.upperBound...])
            let count = try utf16 == nil ? read(into: free) : readConverted(into: free)
            if count == 0 { isAtEnd = true }
            filled = filled.lowerBound..<filled.upperBound + count
        } while isAtStart && filled.count < Self.byteOrderMark.count && !isAtEnd
        if isAtStart, buffer[filled].starts(with: Self.byteOrderMark) {
            filled = Self.byteOrderMark.count..<filled.upperBound
            firstOffset = Self.byteOrderMark.count
            offset = firstOffset
        }
        isAtStart = false
    }

    /// That of UTF-8.
    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

    private func readConverted(into free: UnsafeMutableRawBufferPointer) throws(MailFileError) -> Int {
        let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceLimit / 2, alignment: 16)
        defer { raw.deallocate() }
        while converted.isEmpty {
            let count = try read(into: raw)
            var text: [UInt8] = []
            utf16!.append(UnsafeRawBufferPointer(rebasing: raw[..<count]), to: &text)
            if count == 0 { utf16!.finish(&text) }
            converted = text[...]
            if count == 0, text.isEmpty { return 0 }
        }
        let count = min(free.count, converted.count)
        free.copyBytes(from: converted.prefix(count))
        converted.removeFirst(count)
        return count
    }

    /// Zero at the end of what is read of the file.
    private func read(into free: UnsafeMutableRawBufferPointer) throws(MailFileError) -> Int {
        if let gzip {
            return try Self.decompressed { () throws(GzipReader.Failure) in try gzip.read(into: free) }
        }
        let room = min(free.count, left)
        guard room > 0 else { return 0 }
        var count = 0
        repeat { count = Glibc.read(file, free.baseAddress, room) } while count < 0 && errno == EINTR
        guard count >= 0 else { throw .system() }
        // What is cut short must not be taken for a whole message.
        guard count > 0 else { throw MailFileError("it became shorter while it was read") }
        left -= count
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
