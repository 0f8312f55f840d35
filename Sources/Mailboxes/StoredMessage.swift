public import Core
import Glibc

/// A message of a mail store, read once from its start to its end, in the form that it had on the wire: lines end in
/// CRLF, the last one too.
///
/// Lines of a Unix store end in LF, and a CR before it is the message's own. If a message's first line ends in CRLF,
/// all of its lines do. Empty lines in front of the header, and a line `From sender date`, are the store's and left
/// out.
public final class StoredMessage {
    /// Its file, and in a file of many its place there.
    public let name: String
    /// The time of its arrival according to the store, in seconds since 1970.
    public let storedAt: Int
    /// What is missing of it, for whoever reads it; nil for a whole message.
    public let warning: String?

    private let nextPiece: () throws(MailFileError) -> LineReader.Piece?
    private var endsLinesWithCRLF = false
    /// The first line of the body where no empty line is before it.
    private var firstOfBody: LineReader.Piece?

    init(
        name: String, storedAt: Int, warning: String? = nil,
        nextPiece: @escaping () throws(MailFileError) -> LineReader.Piece?
    ) {
        self.name = name
        self.storedAt = storedAt
        self.warning = warning
        self.nextPiece = nextPiece
    }

    /// Calls the body for each field, as a filter is shown it (`HeaderReader`). Of a field, no more than `limit` bytes
    /// are given.
    ///
    /// Throws where this is no message. To be called once, before `readBody`.
    public func readHeader(limit: Int, _ body: HeaderReader.Body) throws(MailFileError) {
        var reader = HeaderReader(fieldLimit: limit)
        var isEmpty = true
        reading: while let piece = try nextPiece() {
            isEmpty = false
            if !reader.hasFields, piece.isBlankLine { continue }
            // In a mailbox the line that begins a message is none of its own.
            if piece.startsLine, !reader.hasFields { endsLinesWithCRLF = piece.endsLine && piece.bytes.last == 13 }
            switch reader.take(content(of: piece), startsLine: piece.startsLine, endsLine: piece.endsLine, body) {
            case .header: continue
            case .separator: break reading
            case .body:
                firstOfBody = piece
                break reading
            }
        }
        reader.finish(body)
        guard reader.hasFields else {
            throw MailFileError(isEmpty ? "it is empty" : "it is no mail: its first line is no header field")
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
