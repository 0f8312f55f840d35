import Core

/// Uuencoded files (POSIX uuencode, both algorithms) between `begin` and `end`; what stands around them is in clear.
enum UUEncoding {
    /// The content as it is if there is no `begin` line.
    static func decode(_ bytes: ArraySlice<UInt8>, keepsClearText: Bool) -> [UInt8] {
        var decoded: [UInt8] = []
        var file: Algorithm?
        var foundFile = false
        var base64 = Base64Decoder()
        for line in bytes.lines {
            switch file {
            case nil:
                file = Algorithm(beginLine: line)
                foundFile = foundFile || file != nil
                if file == nil, keepsClearText { decoded += line }
            case .historical:
                if line.starts(with: "end".utf8), line.dropFirst(3).allSatisfy({ $0 <= 0x20 }) {
                    file = nil
                } else {
                    decode(line: line, into: &decoded)
                }
            case .base64:
                if line.starts(with: "====".utf8) {
                    base64.endQuantum()
                    decoded += base64.bytes
                    base64 = Base64Decoder()
                    file = nil
                } else {
                    for byte in line { base64.append(byte) }
                }
            }
        }
        base64.endQuantum()
        return foundFile ? decoded + base64.bytes : Array(bytes)
    }

    private enum Algorithm {
        case historical, base64

        /// `begin`, the mode in octal and a name.
        init?(beginLine line: ArraySlice<UInt8>) {
            let words = line.split(maxSplits: 2) { $0.isBlank }
            guard words.count == 3, 3...4 ~= words[1].count, words[1].allSatisfy({ 0x30...0x37 ~= $0 }) else {
                return nil
            }
            switch String(decoding: words[0], as: UTF8.self) {
            case "begin": self = .historical
            case "begin-base64": self = .base64
            default: return nil
            }
        }
    }

    /// The first character is the length; a blank that transport dropped from the end of the line is a zero.
    private static func decode(line: ArraySlice<UInt8>, into decoded: inout [UInt8]) {
        guard let first = line.first, first > 0x20 else { return }
        let length = Int((first &- 0x20) & 0x3f)
        var digits = line.dropFirst().lazy.filter { $0 >= 0x20 }.makeIterator()
        func next() -> UInt32 { UInt32(((digits.next() ?? 0x20) &- 0x20) & 0x3f) }
        var left = length
        while left > 0 {
            let bits = next() << 18 | next() << 12 | next() << 6 | next()
            decoded.append(UInt8(truncatingIfNeeded: bits >> 16))
            if left > 1 { decoded.append(UInt8(truncatingIfNeeded: bits >> 8)) }
            if left > 2 { decoded.append(UInt8(truncatingIfNeeded: bits)) }
            left -= 3
        }
    }
}
