import Core

/// A body in base64 (RFC 2045 section 6.8), as programs and gateways write it: several encoded texts one after another,
/// with or without padding between, and lines in clear before or after, which mailing lists and scanners add.
struct Base64Body {
    private var decoder = Base64Decoder()
    private var isClear = false
    /// The length of full lines; nil until it is asked for.
    private var width: Int?

    /// `keepsClearText`: lines in clear stay as they are. Otherwise what is not of the alphabet is passed over.
    static func decode(_ bytes: ArraySlice<UInt8>, keepsClearText: Bool) -> [UInt8] {
        var body = Base64Body()
        body.decoder.bytes.reserveCapacity(bytes.count / 4 * 3)
        for line in bytes.lines {
            if keepsClearText {
                switch Base64Line(line).shape {
                case .empty where !body.isClear: continue
                case .clear: body.beginClearText()
                case .data: body.isClear = false
                case .empty, .either: break
                }
            }
            if body.isClear {
                body.decoder.bytes += line
            } else {
                body.append(line, of: bytes)
            }
        }
        body.decoder.endQuantum()
        return body.decoder.bytes
    }

    private mutating func beginClearText() {
        guard !isClear else { return }
        isClear = true
        decoder.endQuantum()
        if let last = decoder.bytes.last, last != lineFeed { decoder.bytes += "\r\n".utf8 }
    }

    /// A line that breaks off within a quantum, with the bits of an end, is the end of a text without padding, unless
    /// all lines are of this length.
    private mutating func append(_ line: ArraySlice<UInt8>, of bytes: ArraySlice<UInt8>) {
        for byte in line { decoder.append(byte) }
        guard decoder.couldEnd else { return }
        let width = width ?? Self.width(of: bytes)
        self.width = width
        if line.count != width { decoder.endQuantum() }
    }

    /// The length of the longest lines, if it is of several.
    private static func width(of bytes: ArraySlice<UInt8>) -> Int {
        var (width, count) = (0, 0)
        for line in bytes.lines {
            if line.count > width { (width, count) = (line.count, 0) }
            if line.count == width { count += 1 }
        }
        return count > 1 ? width : 0
    }
}

extension ArraySlice<UInt8> {
    /// Lines with the line feed at their end.
    var lines: UnfoldSequence<ArraySlice<UInt8>, Int> {
        sequence(state: startIndex) { [self] start in
            guard start < endIndex else { return nil }
            let end = self[start...].firstIndex(of: lineFeed).map { $0 + 1 } ?? endIndex
            defer { start = end }
            return self[start..<end]
        }
    }
}
