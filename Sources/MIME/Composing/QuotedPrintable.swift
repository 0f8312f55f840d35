/// Writes quoted-printable (RFC 2045 section 6.7).
enum QuotedPrintable {
    /// Of a line, without CRLF.
    private static let lineLimit = 76

    /// `=C3`
    static func escaped(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// Takes text whose lines end in CRLF. Each character stays on one line.
    ///
    /// A dot and `From ` are not left at the start of a line: servers and mailboxes on the way change those.
    static func lines(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 8)
        var (position, column) = (0, 0)
        while position < text.count {
            if isLineEnd(text, position) {
                result += [13, 10]
                (position, column) = (position + 2, 0)
                continue
            }
            var end = position + 1
            while end < text.count, text[end] & 0xc0 == 0x80 { end += 1 }
            var piece = text[position..<end].flatMap { isLiteral($0, in: text, at: position) ? [$0] : escaped($0) }
            // One place is kept for the `=` of a soft line break.
            if column + piece.count > lineLimit - 1 {
                result += [UInt8(ascii: "="), 13, 10]
                column = 0
            }
            if column == 0, changesOnTheWay(text[position...]) { piece = escaped(text[position]) }
            result += piece
            (position, column) = (end, column + piece.count)
        }
        return result
    }

    /// Whether a byte stands for itself. A blank does not at the end of a line.
    private static func isLiteral(_ byte: UInt8, in text: [UInt8], at position: Int) -> Bool {
        if byte == 0x20 || byte == 9 { return position + 1 < text.count && !isLineEnd(text, position + 1) }
        return 0x21...0x7e ~= byte && byte != UInt8(ascii: "=")
    }

    private static func changesOnTheWay(_ rest: ArraySlice<UInt8>) -> Bool {
        rest.first == UInt8(ascii: ".") || rest.starts(with: "From ".utf8)
    }

    private static func isLineEnd(_ text: [UInt8], _ position: Int) -> Bool {
        position + 1 < text.count && text[position] == 13 && text[position + 1] == 10
    }
}
