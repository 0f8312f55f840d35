/// Reads the value of a structured header field token by token (RFC 5322 section 3.2). The one place that knows folds,
/// comments, quoted strings and quoted pairs; what tokens mean is the parser's business.
///
/// A plain value. The work is linear: each byte is looked at once, and once more in what never closes.
struct HeaderLexer {
    enum Token {
        /// A run of bytes that are no space and none of the grammar's specials.
        case word(Range<Int>)
        /// The content of a quoted string, quoted pairs as they stand. One that never closes takes all the rest.
        case quoted(Range<Int>, isClosed: Bool)
        /// A comment with those inside it. After one that never closes, the lexer goes on behind its parenthesis.
        case comment(isClosed: Bool)
        /// Blanks, CR and LF.
        case space
        case special(UInt8)
    }

    /// The bytes that end a word. Space and an opening parenthesis do in each grammar.
    struct Grammar {
        private var low: UInt64 = 0
        private var high: UInt64 = 0
        /// A quotation mark begins a quoted string; else it is a special.
        let hasQuotedStrings: Bool

        init(specials: StaticString, hasQuotedStrings: Bool) {
            self.hasQuotedStrings = hasQuotedStrings
            for byte in Array(" \t\r\n(\"".utf8) { insert(byte) }
            specials.withUTF8Buffer { for byte in $0 { insert(byte) } }
        }

        private mutating func insert(_ byte: UInt8) {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
        }

        @inline(__always) func endsWord(_ byte: UInt8) -> Bool {
            byte < 128 && (byte < 64 ? low : high) & (1 << UInt64(byte & 63)) != 0
        }
    }

    let text: ArraySlice<UInt8>
    private(set) var position: Int
    private let grammar: Grammar
    /// Once a comment was found not to close, none after it does.
    private var commentsMayClose = true
    /// Bytes that were searched for and are in none of the rest.
    private var absent: [UInt8] = []

    init(_ text: ArraySlice<UInt8>, _ grammar: Grammar) {
        self.text = text
        self.grammar = grammar
        position = text.startIndex
    }

    mutating func next() -> Token? {
        guard position < text.endIndex else { return nil }
        let start = position
        let byte = text[start]
        guard grammar.endsWord(byte) else {
            repeat { position += 1 } while position < text.endIndex && !grammar.endsWord(text[position])
            return .word(start..<position)
        }
        position += 1
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), carriageReturn, lineFeed:
            while position < text.endIndex, Self.isSpace(text[position]) { position += 1 }
            return .space
        case UInt8(ascii: "("): return .comment(isClosed: skipComment())
        case UInt8(ascii: "\"") where grammar.hasQuotedStrings: return quotedString()
        default: return .special(byte)
        }
    }

    /// The bytes up to the next one of that kind, which is skipped; nil, and nothing skipped, where there is none.
    mutating func take(upTo end: UInt8) -> Range<Int>? {
        guard !absent.contains(end) else { return nil }
        guard let found = text[position...].firstIndex(of: end) else {
            absent.append(end)
            return nil
        }
        defer { position = found + 1 }
        return position..<found
    }

    /// Goes on behind that byte.
    mutating func skip(past index: Int) { position = index + 1 }

    /// A quoted string's content without the backslashes of quoted pairs.
    func unescaped(_ range: Range<Int>) -> [UInt8] {
        guard text[range].contains(UInt8(ascii: "\\")) else { return Array(text[range]) }
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in text[range] {
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            if !isEscaped { bytes.append(byte) }
        }
        return bytes
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte.isBlank || byte == carriageReturn || byte == lineFeed }

    private mutating func quotedString() -> Token {
        let start = position
        while position < text.endIndex {
            switch text[position] {
            case UInt8(ascii: "\\"): position = min(position + 2, text.endIndex)
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return .quoted(start..<position, isClosed: true)
            default: position += 1
            }
        }
        return .quoted(start..<position, isClosed: false)
    }

    /// Called behind the opening parenthesis.
    private mutating func skipComment() -> Bool {
        guard commentsMayClose else { return false }
        let start = position
        var depth = 1
        while position < text.endIndex {
            switch text[position] {
            case UInt8(ascii: "\\"): position += 1
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            default: break
            }
            position += 1
            if depth == 0 { return true }
        }
        commentsMayClose = false
        position = start
        return false
    }
}
