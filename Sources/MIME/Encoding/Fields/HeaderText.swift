import Core

/// Text of a header field: unfolded (RFC 5322 section 2.2.3), encoded words decoded (RFC 2047), one line.
///
/// Each word is decoded by itself; the bytes of adjacent words of one charset are joined before they are converted,
/// because senders cut characters in two. Blanks between adjacent words are dropped, others kept (section 6.2); a tab
/// is a blank. Words count wherever they stand, whatever their length. What is no word is left as it is. Bytes beyond
/// ASCII outside words are UTF-8 if they are valid UTF-8, else in the body's charset, else windows-1252.
///
/// Control characters other than line ends are the sender's.
enum HeaderText {
    static func decode(_ value: some Collection<UInt8>, charset: String? = nil) -> String {
        let text = unfolded(value)
        let words = text.contains(UInt8(ascii: "=")) ? EncodedWord.all(in: text[...]).filter(isReadable) : []
        let isUTF8 = !text.contains(0x1b) && String(validating: text, as: UTF8.self) != nil
        func plain(_ bytes: ArraySlice<UInt8>) -> String {
            isUTF8 ? String(decoding: bytes, as: UTF8.self) : Charset.decode(Array(bytes), label: charset)
        }

        var shown = ""
        var run = EncodedWordRun()
        var position = text.startIndex
        for word in words {
            let gap = text[position..<word.range.lowerBound]
            position = word.range.upperBound
            let isAdjacent = !run.isEmpty && gap.allSatisfy(\.isBlank)
            if !isAdjacent || !run.takes(word) { shown += run.end() }
            if !isAdjacent { shown += plain(gap) }
            run.append(word)
        }
        shown += run.end() + plain(text[position...])
        return oneLine(shown)
    }

    /// A charset without blanks or controls. `=? really? q? ?=` is no word.
    private static func isReadable(_ word: EncodedWord) -> Bool { word.charset.allSatisfy { 0x21...0x7e ~= $0 } }

    /// Without folds and blanks at either end, tabs as blanks.
    private static func unfolded(_ value: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(value.count)
        var endsLine = false
        for byte in value {
            if byte == carriageReturn || byte == lineFeed {
                endsLine = true
                continue
            }
            if endsLine, !byte.isBlank { text.append(space) }
            endsLine = false
            text.append(byte == UInt8(ascii: "\t") ? space : byte)
        }
        while text.last == space { text.removeLast() }
        return text.first == space ? Array(text.drop { $0 == space }) : text
    }

    /// Line ends, which an encoded word may hold, as blanks; a field is one line wherever it is shown.
    static func oneLine(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0xc2 || $0 == 0xe2 }),
            text.unicodeScalars.contains(where: endsLine)
        else { return text }
        var line = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if scalar != "\n" || previous != "\r" { line.append(endsLine(scalar) ? " " : scalar) }
            previous = scalar
        }
        return String(line)
    }

    private static func endsLine(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\0", "\t", "\n", "\u{b}", "\u{c}", "\r", "\u{1c}"..."\u{1e}", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }
}
