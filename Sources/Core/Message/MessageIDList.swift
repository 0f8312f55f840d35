/// The message ids in In-Reply-To, References and similar fields, read as leniently as real mail demands: folded
/// anywhere, separated by comments, commas or nothing, with or without angle brackets, in several fields of one name
/// (RFC 5322 section 3.6.4 and its obsolete forms in 4.5.4).
///
/// The work is bounded: of a longer list only both ends are read, where the ids that matter are.
public enum MessageIDList {
    /// Bytes of field values that are read; half from either end if there are more.
    public static let byteLimit = 60_000
    /// Ids kept from either end.
    public static let endLimit = 32

    /// The ids without brackets and inner white space, in order.
    public static func ids(in values: [ArraySlice<UInt8>]) -> [[UInt8]] {
        guard let first = values.first else { return [] }
        let text = values.count == 1 ? first : Array(values.joined(separator: [UInt8(ascii: " ")]))[...]
        guard text.count > byteLimit else { return ends(of: scan(text)) }
        // An id cut in two by the bound is not an id: its MAC cannot match.
        return ends(of: scan(text.prefix(byteLimit / 2)) + scan(text.suffix(byteLimit / 2)))
    }

    private static func ends(of ids: [[UInt8]]) -> [[UInt8]] {
        ids.count <= 2 * endLimit ? ids : Array(ids.prefix(endLimit) + ids.suffix(endLimit))
    }

    private static let grammar = HeaderLexer.Grammar(specials: ",;<>)", hasQuotedStrings: false)

    private static func scan(_ text: ArraySlice<UInt8>) -> [[UInt8]] {
        var ids: [[UInt8]] = []
        var lexer = HeaderLexer(text, grammar)
        // Once a closing bracket is not found it is not looked for again: the work stays linear.
        var bracketsMayClose = true
        while let token = lexer.next() {
            switch token {
            case .word(let bare):
                if text[bare].contains(UInt8(ascii: "@")) { ids.append(Array(text[bare])) }
            case .special(UInt8(ascii: "<")) where bracketsMayClose:
                guard let content = lexer.take(upTo: UInt8(ascii: ">")) else {
                    bracketsMayClose = false
                    continue
                }
                // `<<id>` and a bracket that was never closed: the id is what follows the last one.
                let start = text[content].lastIndex(of: UInt8(ascii: "<")).map { $0 + 1 } ?? content.lowerBound
                let id = text[start..<content.upperBound]
                // Few have any: what `filter` makes grows step by step.
                ids.append(
                    id.contains(where: HeaderLexer.isSpace) ? id.filter { !HeaderLexer.isSpace($0) } : Array(id))
            default: break
            }
        }
        return ids
    }
}
