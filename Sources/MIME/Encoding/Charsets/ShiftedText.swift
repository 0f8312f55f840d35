/// The charsets in which escape sequences and shifts choose what the bytes after them mean: ISO-2022-JP (RFC 1468 and
/// what Microsoft's code page 50221 has besides), ISO-2022-KR (RFC 1557) and HZ (RFC 1843).
///
/// A line ends in ASCII. Where a sender forgot to shift back, the next escape sequence tells: one that shifts back to
/// ASCII means that the text is still shifted.
struct ShiftedText {
    private enum Mode { case ascii, roman, katakana, jis0208, jis0212 }

    private let bytes: [UInt8]
    private var position = 0
    private var mode = Mode.ascii
    private var text: DecodedText
    /// Where the next escape character stands, for all places before it.
    private var escape = -1

    /// By the WHATWG Encoding Standard (section 12.2), which counts two escape sequences in a row as an error; in mail,
    /// adjacent encoded words have them.
    static func iso2022JP(_ bytes: [UInt8]) -> DecodedText {
        var decoder = ShiftedText(bytes: bytes, text: DecodedText(capacity: bytes.count))
        decoder.decodeJapanese()
        return decoder.text
    }

    private mutating func decodeJapanese() {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case 0x1b: readEscapeSequence()
            case 0x0e: mode = .katakana
            case 0x0f: mode = .ascii
            case 0x0a, 0x0d:
                text.append(ascii: byte)
                if mode != .ascii, !Self.isShifted(bytes, before: nextEscape()) { mode = .ascii }
            case 0..<0x20, 0x7f: text.append(ascii: byte)
            // Half-width katakana of eight bits.
            case 0xa1...0xdf where mode == .ascii || mode == .roman: text.append(0xff61 + UInt32(byte) - 0xa1)
            case 0x80...: text.appendError()
            default: append(byte)
            }
        }
    }

    private mutating func append(_ byte: UInt8) {
        switch mode {
        case .ascii: text.append(ascii: byte)
        case .roman: text.append(byte == 0x5c ? 0xa5 : byte == 0x7e ? 0x203e : UInt32(byte))
        case .katakana: text.append(0x21...0x5f ~= byte ? 0xff61 + UInt32(byte) - 0x21 : UInt32(byte))
        case .jis0208, .jis0212:
            guard byte != 0x20 else { return text.append(ascii: byte) }
            guard position < bytes.count, 0x21...0x7e ~= bytes[position] else { return text.appendError() }
            let pointer = TwoByteDecoders.pointer(byte | 0x80, bytes[position] | 0x80)
            text.append(mode == .jis0208 ? CodePointTable.jis0208[pointer] : CodePointTable.jis0212[pointer])
            position += 1
        }
    }

    /// After an escape character. A sequence that is unknown shows.
    private mutating func readEscapeSequence() {
        let rest = bytes[position...]
        for (sequence, mode) in Self.sequences where rest.starts(with: sequence) {
            position += sequence.count
            if let mode { self.mode = mode }
            return
        }
        text.appendError()
    }

    private static let sequences: [([UInt8], Mode?)] = [
        ("(B", .ascii), ("(J", .roman), ("(I", .katakana), ("$@", .jis0208), ("$B", .jis0208), ("$(@", .jis0208),
        ("$(B", .jis0208), ("$(D", .jis0212),
        // A wrong one of old programs; the announcement of an edition.
        ("(H", .roman), ("&@", nil),
    ].map { (Array($0.utf8), $1) }

    private mutating func nextEscape() -> Int {
        if escape < position { escape = bytes[position...].firstIndex(of: 0x1b) ?? bytes.count }
        return escape
    }

    /// Whether text must have been shifted before this escape sequence, which ends it.
    static func isShifted(_ bytes: [UInt8], before escape: Int) -> Bool {
        escape + 1 < bytes.count && bytes[escape + 1] == UInt8(ascii: "(")
    }
}

extension ShiftedText {
    /// `SO` shifts to KS X 1001, `SI` back.
    static func iso2022KR(_ bytes: [UInt8]) -> DecodedText {
        var text = DecodedText(capacity: bytes.count)
        var isShifted = false
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case 0x0e: isShifted = true
            case 0x0f: isShifted = false
            // The designation, which stands once at the beginning.
            case 0x1b where bytes[position...].starts(with: "$)C".utf8): position += 3
            case 0x21...0x7e where isShifted:
                position += appendPair(byte, of: bytes, at: position, from: .eucKR, offset: 0x41, to: &text)
            case 0x80...: text.appendError()
            default:
                if byte == 0x0a { isShifted = false }
                text.append(ascii: byte)
            }
        }
        return text
    }

    /// `~{` shifts to GB 2312, `~}` back.
    static func hz(_ bytes: [UInt8]) -> DecodedText {
        var text = DecodedText(capacity: bytes.count)
        var isShifted = false
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "~"), position < bytes.count, let isBegun = shift(bytes[position]) {
                isShifted = isBegun
                position += 1
            } else if byte == UInt8(ascii: "~"), !isShifted, position < bytes.count, bytes[position] == byte {
                text.append(ascii: byte)
                position += 1
            } else if isShifted, 0x21...0x7e ~= byte {
                position += appendPair(byte, of: bytes, at: position, from: .gb18030, offset: 0x41, to: &text)
            } else if byte < 0x80 {
                if byte == 0x0a { isShifted = false }
                text.append(ascii: byte)
            } else {
                text.appendError()
            }
        }
        return text
    }

    private static func shift(_ byte: UInt8) -> Bool? {
        switch byte {
        case UInt8(ascii: "{"): true
        case UInt8(ascii: "}"): false
        default: nil
        }
    }

    /// Bytes taken beside the first.
    private static func appendPair(
        _ lead: UInt8, of bytes: [UInt8], at position: Int, from table: CodePointTable, offset: Int,
        to text: inout DecodedText
    ) -> Int {
        guard position < bytes.count, 0x21...0x7e ~= bytes[position] else {
            text.appendError()
            return 0
        }
        text.append(table[(Int(lead | 0x80) - 0x81) * 190 + Int(bytes[position] | 0x80) - offset])
        return 1
    }
}
