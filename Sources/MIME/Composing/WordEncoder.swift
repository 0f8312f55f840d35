/// Writes text of header fields as encoded words (RFC 2047).
enum WordEncoder {
    /// Of a line that holds an encoded word (RFC 2047 section 2).
    private static let lineLimit = 76
    /// Of an encoded word.
    private static let wordLimit = 75
    private static let charset = "UTF-8"
    /// `=?UTF-8?Q?` and `?=`.
    private static let overhead = charset.utf8.count + 7

    /// Whether text stands in a field as it is and reads as the same: ASCII words that fit on a line, a blank between
    /// them, none of which reads as an encoded word. `length` is that of what is before it on the line.
    static func isPlain(_ text: String, after length: Int) -> Bool {
        guard text.utf8.allSatisfy({ 0x20...0x7e ~= $0 }), !text.contains("=?") else { return false }
        if text.isEmpty { return true }
        return text.split(separator: " ", omittingEmptySubsequences: false).allSatisfy {
            (1...OutgoingHeader.lineLimit - length).contains($0.utf8.count)
        }
    }

    /// The text as encoded words, each of whole characters, to be separated by a blank or a fold, which readers drop.
    /// At `length` the first one begins on its line; the others stand on lines of their own.
    ///
    /// In B or Q (RFC 2047 section 4), whichever is shorter. No B word but the last has padding, if characters can be
    /// divided so: GMime drops the words behind one that has (until 3.2.14, and so the mail programs of Debian 12).
    static func words(_ text: String, after length: Int) -> [String] {
        let isBase64 = text.utf8.reduce(0) { $0 + cost($1) } > (text.utf8.count + 2) / 3 * 4
        var words: [String] = []
        var word: [UInt8] = []
        /// How much of `word` is a word without padding.
        var unpadded = 0
        var room = max(min(lineLimit - length, wordLimit) - overhead, 12)
        func size(_ bytes: [UInt8]) -> Int {
            isBase64 ? (bytes.count + 2) / 3 * 4 : bytes.reduce(0) { $0 + cost($1) }
        }
        for piece in pieces(of: text) {
            if size(word + piece) > room, !word.isEmpty {
                let end = isBase64 && unpadded > 0 ? unpadded : word.count
                words.append(encoded(Array(word[..<end]), isBase64: isBase64))
                word.removeFirst(end)
                unpadded = 0
                room = min(lineLimit - 1, wordLimit) - overhead
            }
            word += piece
            if word.count.isMultiple(of: 3) { unpadded = word.count }
        }
        return words + [encoded(word, isBase64: isBase64)]
    }

    /// Characters as people see them; of one that fits in no word, the Unicode scalars.
    private static func pieces(of text: String) -> [[UInt8]] {
        text.flatMap { character in
            character.utf8.count <= 16
                ? [Array(character.utf8)] : character.unicodeScalars.map { Array(String($0).utf8) }
        }
    }

    private static func encoded(_ bytes: [UInt8], isBase64: Bool) -> String {
        let text = isBase64 ? Base64.encoded(bytes) : String(decoding: bytes.flatMap(quoted), as: UTF8.self)
        return "=?\(charset)?\(isBase64 ? "B" : "Q")?\(text)?="
    }

    private static func cost(_ byte: UInt8) -> Int { byte == 0x20 || isSafe(byte) ? 1 : 3 }

    private static func quoted(_ byte: UInt8) -> [UInt8] {
        if byte == 0x20 { return [UInt8(ascii: "_")] }
        return isSafe(byte) ? [byte] : QuotedPrintable.escaped(byte)
    }

    /// What may stand in a word of a phrase too (RFC 2047 section 5 (3)).
    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!*+-/".utf8.contains(byte)
        }
    }
}
