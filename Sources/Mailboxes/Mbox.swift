import Glibc

/// A file of many messages (mbox): each begins with a line `From sender date`, after an empty line or at the start.
///
/// Lines of a message that begin with `From ` are quoted by `>`: in mboxrd, which is read unless it is said otherwise,
/// those too that are quoted already; in mboxo those alone. A `From ` line counts as a beginning only if it has a date,
/// so that some that nobody quoted do no harm.
///
/// BUGS: An unquoted line in a text that is in all like the beginning of a message is taken for one. Lengths in fields
/// (Content-Length) are not used: they are wrong as often as not.
final class Mbox {
    private let reader: LineReader
    private let path: String
    private let quotesQuoted: Bool

    private var count = 0
    /// The line that begins a message was read: its offset and its date.
    private var beginning: (offset: Int, date: Int?)?
    private var endsLinesWithCRLF = false
    private var holdsEmptyLine = false
    private var deferred: LineReader.Piece?
    private var isInSeparator = false

    init(_ reader: LineReader, path: String, isMboxo: Bool) throws(MailFileError) {
        self.reader = reader
        self.path = path
        quotesQuoted = !isMboxo
        guard let (first, offset) = try Self.firstLine(of: reader) else { return }
        guard begins(first, at: offset, isAfterEmptyLine: true) else {
            throw MailFileError("it is no mbox: its first line is not 'From sender date'")
        }
    }

    /// The first line that is not empty, and where it is.
    private static func firstLine(
        of reader: LineReader
    ) throws(MailFileError) -> (line: LineReader.Piece, offset: Int)? {
        var offset: Int?
        while let line = try reader.next() {
            if !line.isBlankLine { return (line, offset ?? reader.firstOffset) }
            offset = reader.offset
        }
        return nil
    }

    /// Whether a file begins as an mbox does.
    static func isMbox(_ path: String) throws(MailFileError) -> Bool {
        let reader = try LineReader(path)
        guard let line = try firstLine(of: reader)?.line else { return false }
        return withExtendedLifetime(reader) { date(of: line) != nil }
    }

    /// The date in a line that begins a message; nil in any other.
    private static func date(of line: LineReader.Piece) -> MboxDate? {
        guard line.startsLine, line.starts(with: "From ") else { return nil }
        return MboxDate(String(decoding: line.bytes.dropFirst(5).prefix(1000), as: UTF8.self))
    }

    /// The next message; the one before is read to its end. Nil at the end.
    func next() throws(MailFileError) -> StoredMessage? {
        while beginning == nil, try piece() != nil {}
        guard let beginning else { return nil }
        self.beginning = nil
        count += 1
        return StoredMessage(
            name: "\(path), message \(count) at byte \(beginning.offset)",
            storedAt: beginning.date ?? reader.modified
        ) { [self] () throws(MailFileError) in try piece() }
    }

    /// The next piece of the message at hand; nil at its end.
    private func piece() throws(MailFileError) -> LineReader.Piece? {
        if let deferred {
            self.deferred = nil
            return deferred
        }
        guard beginning == nil else { return nil }
        while true {
            let offset = reader.offset
            guard let piece = try reader.next() else {
                // The empty line that ends a message is the file's.
                holdsEmptyLine = false
                return nil
            }
            // The rest of a very long line that begins a message.
            if isInSeparator, !piece.startsLine { continue }
            isInSeparator = false
            if begins(piece, at: offset, isAfterEmptyLine: holdsEmptyLine) {
                holdsEmptyLine = false
                return nil
            }
            let isEmpty =
                piece.startsLine && piece.endsLine
                && (piece.bytes.isEmpty || (endsLinesWithCRLF && piece.bytes.elementsEqual([13])))
            if holdsEmptyLine {
                holdsEmptyLine = isEmpty
                if !isEmpty { deferred = unquoted(piece) }
                return .emptyLine
            }
            if isEmpty {
                holdsEmptyLine = true
                continue
            }
            return unquoted(piece)
        }
    }

    private func begins(_ piece: LineReader.Piece, at offset: Int, isAfterEmptyLine: Bool) -> Bool {
        guard isAfterEmptyLine, let date = Self.date(of: piece) else { return false }
        beginning = (offset, date.seconds)
        endsLinesWithCRLF = piece.endsLine && piece.bytes.last == 13
        isInSeparator = !piece.endsLine
        return true
    }

    private func unquoted(_ piece: LineReader.Piece) -> LineReader.Piece {
        guard piece.startsLine, piece.bytes.first == 62 else { return piece }
        let marks = piece.bytes.prefix { $0 == 62 }.count
        guard marks == 1 || quotesQuoted, piece.bytes.dropFirst(marks).starts(with: "From ".utf8) else { return piece }
        var piece = piece
        piece.bytes = UnsafeRawBufferPointer(rebasing: piece.bytes.dropFirst())
        return piece
    }
}
