/// An encoded word (RFC 2047 section 2), wherever it stands.
///
/// As lenient as the most lenient program: the daemon looks for what any of them might read. A word may be of any
/// length, touch other text, and hold blanks and question marks; base64 needs no padding, and may have it inside.
package struct EncodedWord {
    /// Where it stands, from `=?` to `?=`.
    package let range: Range<Int>
    /// As it is written, without the language (RFC 2231 section 5).
    package let charset: ArraySlice<UInt8>
    /// Decoded from B or Q: text in the charset.
    package let content: [UInt8]

    /// The ASCII characters it holds. Text that a charset with shifts (ISO 2022) has shifted out of ASCII is left out.
    var bytes: [UInt8] { Self.unshifted(content) }

    /// Those in a field's value, in order. The work is linear: a search for the end of a word stops at the next word.
    package static func all(in text: ArraySlice<UInt8>) -> [EncodedWord] {
        var words: [EncodedWord] = []
        var position = text.startIndex
        while let start = text[position...].firstIndex(of: equals) {
            position = start + 1
            guard position < text.endIndex, text[position] == question else { continue }
            guard let word = EncodedWord(in: text, at: start) else { continue }
            words.append(word)
            position = word.range.upperBound
        }
        return words
    }

    /// Nil unless a word with a known encoding starts there.
    private init?(in text: ArraySlice<UInt8>, at start: Int) {
        guard let mark = text[(start + 2)...].firstIndex(of: question),
            mark + 2 < text.endIndex, text[mark + 2] == question,
            let end = Self.end(in: text[(mark + 3)...])
        else { return nil }
        let encoded = text[(mark + 3)..<end]
        switch text[mark + 1].asciiLowercased {
        case UInt8(ascii: "q"): content = Self.decodeQ(encoded)
        case UInt8(ascii: "b"): content = Base64Decoder.decode(encoded)
        default: return nil
        }
        charset = text[(start + 2)..<mark].prefix { $0 != UInt8(ascii: "*") }
        range = start..<end + 2
    }

    /// The question mark of `?=`. Others may stand in the text, but not as the beginning of another word.
    private static func end(in text: ArraySlice<UInt8>) -> Int? {
        var position = text.startIndex
        while let mark = text[position...].firstIndex(of: question) {
            position = mark + 1
            if position < text.endIndex, text[position] == equals { return mark }
            if mark > text.startIndex, text[mark - 1] == equals { return nil }
        }
        return nil
    }

    private static func decodeQ(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            position += 1
            if byte == equals, position + 2 <= text.endIndex,
                let high = text[position].hexDigitValue, let low = text[position + 1].hexDigitValue
            {
                bytes.append(high << 4 | low)
                position += 2
            } else {
                bytes.append(byte == UInt8(ascii: "_") ? UInt8(ascii: " ") : byte)
            }
        }
        return bytes
    }

    /// `ESC $` shifts to a set of two bytes a letter, `ESC (` back.
    private static func unshifted(_ bytes: [UInt8]) -> [UInt8] {
        let escape = UInt8(0x1b)
        guard bytes.contains(escape) else { return bytes }
        var kept: [UInt8] = []
        var isShifted = false
        var position = 0
        while position < bytes.count {
            let next = position + 1 < bytes.count ? bytes[position + 1] : 0
            if bytes[position] == escape, next == UInt8(ascii: "$") || next == UInt8(ascii: "(") {
                isShifted = next == UInt8(ascii: "$")
                // With the letter that names the set.
                position += isShifted ? 2 : 3
                continue
            }
            if !isShifted { kept.append(bytes[position]) }
            position += 1
        }
        return kept
    }
}

private let question = UInt8(ascii: "?")
private let equals = UInt8(ascii: "=")
