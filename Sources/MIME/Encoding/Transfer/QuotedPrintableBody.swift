import Core

/// Quoted-printable (RFC 2045 section 6.7). Blanks at the end of a line are the transport's. An escape that is none
/// stays as it is.
enum QuotedPrintableBody {
    static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: lineFeed)
            decode(line: bytes[start..<(end ?? bytes.endIndex)], endsInLineFeed: end != nil, into: &decoded)
            start = end.map { $0 + 1 } ?? bytes.endIndex
        }
        return decoded
    }

    private static func decode(line: ArraySlice<UInt8>, endsInLineFeed: Bool, into decoded: inout [UInt8]) {
        var text = line
        let hasReturn = text.last == carriageReturn
        if hasReturn { text.removeLast() }
        while let last = text.last, last.isBlank { text.removeLast() }
        let isSoft = text.last == equals
        if isSoft { text.removeLast() }

        var position = text.startIndex
        while let escape = text[position...].firstIndex(of: equals) {
            decoded += text[position..<escape]
            position = escape + 1
            if position + 1 < text.endIndex, let high = text[position].hexDigitValue,
                let low = text[position + 1].hexDigitValue
            {
                decoded.append(high << 4 | low)
                position += 2
            } else {
                decoded.append(equals)
            }
        }
        decoded += text[position...]
        guard !isSoft else { return }
        if hasReturn { decoded.append(carriageReturn) }
        if endsInLineFeed { decoded.append(lineFeed) }
    }

    private static let equals = UInt8(ascii: "=")
}
