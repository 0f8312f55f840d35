/// An encoded word (RFC 2047 section 2), wherever it stands. What is asked of it is which ASCII characters it holds: its
/// letters are left in their charset.
struct EncodedWord {
    /// Decoded. Text that a charset with shifts (ISO 2022) has shifted out of ASCII is left out.
    let bytes: [UInt8]

    /// Those in a field's value. The work is linear.
    static func all(in text: ArraySlice<UInt8>) -> [EncodedWord] {
        var words: [EncodedWord] = []
        var position = text.startIndex
        let (question, equals) = (UInt8(ascii: "?"), UInt8(ascii: "="))
        while let start = text[position...].firstIndex(of: equals) {
            position = start + 1
            guard position < text.endIndex, text[position] == question else { continue }
            // Charset, encoding, text.
            let parts = text[(position + 1)...].split(
                separator: question, maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, parts[3].first == equals, let word = EncodedWord(parts[1], parts[2]) else {
                continue
            }
            words.append(word)
            position = parts[3].startIndex + 1
        }
        return words
    }

    /// As lenient as the most lenient program. Nil for an unknown encoding.
    private init?(_ encoding: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) {
        guard encoding.count == 1 else { return nil }
        switch encoding.first?.asciiLowercased {
        case UInt8(ascii: "q"): bytes = Self.unshifted(Self.decodeQ(text))
        case UInt8(ascii: "b"): bytes = Self.unshifted(Self.decodeB(text))
        default: return nil
        }
    }

    private static func decodeQ(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            position += 1
            if byte == UInt8(ascii: "="), position + 2 <= text.endIndex,
                let code = UInt8(String(decoding: text[position..<position + 2], as: UTF8.self), radix: 16)
            {
                bytes.append(code)
                position += 2
            } else {
                bytes.append(byte == UInt8(ascii: "_") ? UInt8(ascii: " ") : byte)
            }
        }
        return bytes
    }

    private static func decodeB(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var (bits, count) = (UInt32(0), 0)
        for digit in text.lazy.compactMap({ alphabet[$0] }) {
            (bits, count) = (bits << 6 | digit, count + 6)
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            bits &= (1 << UInt32(count)) - 1
        }
        return bytes
    }

    private static let alphabet = Dictionary(
        uniqueKeysWithValues: zip(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8, UInt32(0)...))

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
