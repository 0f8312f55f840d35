import Core
import Glibc

/// A message of a mail store, read once from its start to its end, in the form that it had on the wire: lines end in
/// CRLF, the last one too.
///
/// A store of Unix has lines that end in LF: a CR before it is the message's own then. Where a message's first line ends
/// in CRLF, all of its lines do.
public final class StoredMessage {
    /// Its file, and in a file of many its place there.
    public let name: String
    /// When the store says that it came, in seconds since 1970.
    public let storedAt: Int

    private let nextPiece: () throws(MailFileError) -> LineReader.Piece?
    private var endsLinesWithCRLF = false
    /// Begins the body, where no empty line does.
    private var firstOfBody: LineReader.Piece?

    init(
        name: String, storedAt: Int, nextPiece: @escaping () throws(MailFileError) -> LineReader.Piece?
    ) {
        self.name = name
        self.storedAt = storedAt
        self.nextPiece = nextPiece
    }

    /// Calls the body for each field, up to the end of the header: an empty line, or the first one that is no field, as
    /// Postfix sees it too. The value is all after the colon, folds as LF, up to its first NUL byte, as a filter is shown
    /// it. Of a field, no more than `limit` bytes and a piece are given.
    ///
    /// Throws where this is no message. To be called once, before `readBody`.
    public func readHeader(
        limit: Int, _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
    ) throws(MailFileError) {
        var field: [UInt8] = []
        var nameLength = 0

        func end() {
            guard nameLength > 0 else { return }
            field.withUnsafeBytes { bytes in
                let value = UnsafeRawBufferPointer(rebasing: bytes[(nameLength + 1)...])
                let end = value.firstIndex(of: 0) ?? value.endIndex
                body(
                    UnsafeRawBufferPointer(rebasing: bytes[..<nameLength]),
                    UnsafeRawBufferPointer(rebasing: value[..<end]))
            }
            nameLength = 0
            field = []
        }

        var isFirst = true
        while let piece = try nextPiece() {
            if isFirst {
                endsLinesWithCRLF = piece.endsLine && piece.bytes.last == 13
                // A message that was saved from a mailbox with the line that began it there.
                if piece.startsLine, piece.starts(with: "From ") { continue }
            }
            let bytes = content(of: piece)
            if piece.startsLine {
                if bytes.isEmpty && piece.endsLine && !isFirst { break }
                let folds = bytes.first?.isBlank ?? false
                if folds && nameLength > 0 {
                    field.append(10)
                } else if let name = FieldName(startOf: bytes) {
                    end()
                    nameLength = name.colon
                } else {
                    firstOfBody = piece
                    break
                }
                isFirst = false
            }
            if field.count < limit { field += bytes }
        }
        end()
        guard !isFirst else {
            throw MailFileError(firstOfBody == nil ? "it is empty" : "it is no mail: its first line is no header field")
        }
    }

    /// Calls the body for all that follows the header and its empty line, in chunks.
    public func readBody(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var chunk: [UInt8] = []
        chunk.reserveCapacity(2 * LineReader.pieceLimit)
        func take(_ piece: LineReader.Piece) throws {
            chunk += content(of: piece)
            if piece.endsLine { chunk += [13, 10] }
            if chunk.count >= LineReader.pieceLimit {
                try chunk.withUnsafeBytes(body)
                chunk.removeAll(keepingCapacity: true)
            }
        }
        if let firstOfBody { try take(firstOfBody) }
        firstOfBody = nil
        while let piece = try nextPiece() { try take(piece) }
        if !chunk.isEmpty { try chunk.withUnsafeBytes(body) }
    }

    private func content(of piece: LineReader.Piece) -> UnsafeRawBufferPointer {
        guard endsLinesWithCRLF, piece.endsLine, piece.bytes.last == 13 else { return piece.bytes }
        return UnsafeRawBufferPointer(rebasing: piece.bytes.dropLast())
    }
}
