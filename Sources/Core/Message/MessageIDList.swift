/// The message ids in In-Reply-To, References and similar fields, read as leniently as real mail demands: folded
/// anywhere, separated by comments, commas or nothing, with or without angle brackets, in several fields of one name
/// (RFC 5322 section 3.6.4 and its obsolete forms in 4.5.4).
///
/// Programs break ids in ways that no RFC knows. These are read as what was meant: encoded words (RFC 2047), as
/// Python's email package writes ids over 76 letters; brackets that are doubled, never closed, quoted, or written as
/// characters of HTML, of a URL or of JSON (`&lt;`, `%3C`, `\u003c`); `mailto:` before the id; one pair of brackets
/// around all ids.
///
/// The work is bounded: of a longer list only both ends are read, where the ids that matter are.
public enum MessageIDList {
    /// Bytes of field values that are read; half from either end if there are more.
    public static let byteLimit = 60_000
    /// Ids kept from either end.
    public static let endLimit = 32

    /// The ids without brackets and inner white space, in order. None is empty.
    public static func ids(in values: [ArraySlice<UInt8>]) -> [[UInt8]] {
        guard let first = values.first else { return [] }
        let text = values.count == 1 ? first : Array(values.joined(separator: [UInt8(ascii: " ")]))[...]
        guard text.count > byteLimit else { return ends(of: scan(text)) }
        // An id cut in two by the bound is not an id: its MAC cannot match.
        return ends(of: scan(text.prefix(byteLimit / 2)) + scan(text.suffix(byteLimit / 2)))
    }

    /// Whether it has the form of a message id: something on either side of an `@`.
    public static func isWhole(_ id: [UInt8]) -> Bool {
        guard let at = id.lastIndex(of: UInt8(ascii: "@")) else { return false }
        return at > 0 && at < id.count - 1
    }

    private static func ends(of ids: [[UInt8]]) -> [[UInt8]] {
        ids.count <= 2 * endLimit ? ids : Array(ids.prefix(endLimit) + ids.suffix(endLimit))
    }

    private static let grammar = HeaderLexer.Grammar(specials: ",;<>)", hasQuotedStrings: false)

    private static func scan(_ text: ArraySlice<UInt8>) -> [[UInt8]] {
        // Few have any: the one look for it is all that it costs others.
        guard EncodedWord.mayBe(in: text) else { return scanWords(text) }
        return scanWords(EncodedWord.decoding(text)[...])
    }

    private static func scanWords(_ text: ArraySlice<UInt8>) -> [[UInt8]] {
        var ids: [[UInt8]] = []
        var lexer = HeaderLexer(text, grammar)
        let signs = BrokenMessageID.signs
        // Once a closing bracket is not found it is not looked for again: the work stays linear.
        var bracketsMayClose = true
        while let token = lexer.next() {
            switch token {
            case .word(let word): if let id = id(bare: text[word]) { ids.append(id) }
            case .special(UInt8(ascii: "<")) where bracketsMayClose:
                let rest = text[lexer.position...]
                guard let end = rest.firstIndex(where: { $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "<") }) else {
                    bracketsMayClose = false
                    continue
                }
                // Doubled, or never closed: what is before the next one may be an id all the same.
                if text[end] == UInt8(ascii: "<") { continue }
                let content = rest[..<end]
                let isPlain = !content.contains { signs.endsWord($0) }
                // Brackets around a list: the lexer goes on inside them.
                if !isPlain, isList(content) { continue }
                lexer.skip(past: end)
                // Few are not: what `filter` makes grows step by step.
                let id =
                    isPlain ? Array(content) : BrokenMessageID.mended(content.filter { !HeaderLexer.isSpace($0) }[...])
                if !id.isEmpty { ids.append(id) }
            default: break
            }
        }
        return ids
    }

    /// A word without brackets is an id if it has an `@`.
    private static func id(bare word: ArraySlice<UInt8>) -> [UInt8]? {
        guard word.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "=") })
        else { return nil }
        // A sentence ends with it; no id does.
        let id = BrokenMessageID.mended(word.last == UInt8(ascii: ".") ? word.dropLast() : word)
        return id.contains(UInt8(ascii: "@")) ? id : nil
    }

    /// Several ids, as far as blanks and commas tell. An id that is folded is one.
    private static func isList(_ content: ArraySlice<UInt8>) -> Bool {
        guard let first = content.firstIndex(of: UInt8(ascii: "@")), first > content.startIndex else { return false }
        let rest = content[(first + 1)...]
        guard let second = rest.firstIndex(of: UInt8(ascii: "@")), second < content.endIndex - 1 else { return false }
        return rest[..<second].contains { HeaderLexer.isSpace($0) || $0 == UInt8(ascii: ",") }
    }
}
