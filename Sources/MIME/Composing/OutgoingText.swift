/// Text in its canonical form (RFC 2046 section 4.1.1), with the transfer encoding that suits it. A plain value.
struct OutgoingText {
    enum Encoding: String { case sevenBit = "7bit", quotedPrintable = "quoted-printable", base64 }

    /// UTF-8, lines ending in CRLF, the last one too.
    let canonical: [UInt8]
    let encoding: Encoding

    /// Lines end in LF, CRLF or CR, and the last one may have no end.
    init(_ text: String) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + text.utf8.count / 16)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case 10 where previous == 13: break
            case 10, 13: bytes += [13, 10]
            default: bytes.append(byte)
            }
            previous = byte
        }
        if !bytes.isEmpty, bytes.last != 10 { bytes += [13, 10] }
        canonical = bytes
        encoding = Self.encoding(of: bytes)
    }

    /// The body of its part.
    var encoded: [UInt8] {
        switch encoding {
        case .sevenBit: canonical
        case .quotedPrintable: QuotedPrintable.lines(canonical)
        case .base64: Base64.lines(canonical)
        }
    }

    /// 7bit for what every server and mailbox passes on unchanged; else whichever of the two others is shorter.
    private static func encoding(of text: [UInt8]) -> Encoding {
        let lines = text.split(separator: 10, omittingEmptySubsequences: false)
        if lines.allSatisfy({ isUnchanging($0.dropLast($0.last == 13 ? 1 : 0)) }) { return .sevenBit }
        let escaped = text.reduce(0) { $0 + ($1 >= 0x7f || $1 == UInt8(ascii: "=") ? 1 : 0) }
        return text.count + 2 * escaped <= (text.count + 2) / 3 * 4 ? .quotedPrintable : .base64
    }

    /// Printable ASCII that fits on a line, no blank at its end, nothing at its start that is changed on the way.
    private static func isUnchanging(_ line: ArraySlice<UInt8>) -> Bool {
        line.count <= OutgoingHeader.lineLimit && line.allSatisfy { 0x20...0x7e ~= $0 || $0 == 9 }
            && line.last != 0x20 && line.last != 9 && line.first != UInt8(ascii: ".")
            && !line.starts(with: "From ".utf8)
    }
}
