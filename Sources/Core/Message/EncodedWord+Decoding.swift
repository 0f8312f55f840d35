import Glibc

extension EncodedWord {
    /// Whether a text may have any; most have none.
    static func mayBe(in text: ArraySlice<UInt8>) -> Bool {
        text.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            var position = 1
            while position < bytes.count,
                let mark = memchr(start + position, Int32(UInt8(ascii: "?")), bytes.count - position)
            {
                let index = UnsafeRawPointer(mark) - start
                if bytes[index - 1] == UInt8(ascii: "=") { return true }
                position = index + 1
            }
            return false
        }
    }

    /// The text with the ASCII characters of each word in its place. Space between two words is left out (RFC 2047
    /// section 6.2). The work is linear, and the result no longer than the text.
    static func decoding(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var position = text.startIndex
        for word in all(in: text) {
            let between = text[position..<word.range.lowerBound]
            if position == text.startIndex || !between.allSatisfy(HeaderLexer.isSpace) { decoded += between }
            decoded += word.bytes
            position = word.range.upperBound
        }
        return decoded + text[position...]
    }
}
