/// Reads an envelope path that is no well-formed address, as Postfix's `trivial-rewrite(8)` does: the mail goes to what
/// comes out of it.
///
/// Space and comments between the parts count for nothing, and a backslash takes the next character as it is, outside
/// quotation marks too. A source route is dropped. Without an `@`, `domain!user` and `user%domain` are `user@domain`
/// (`swap_bangpath`, `allow_percent_hack`, both on by default). One final dot is dropped.
///
/// A plain value; the work is linear.
///
/// BUGS: An address without a domain stays one: what Postfix appends (`myorigin`) is not known here.
enum RewrittenPath {
    private enum Token: Equatable {
        case word([UInt8])
        case mark(UInt8)
    }

    /// The local part, unquoted, and the domain, neither in lower case yet. Nil where the path names no domain.
    static func parts(_ path: [UInt8]) -> (local: [UInt8], domain: [UInt8]?) {
        var tokens = tokens(path)[...]
        let at = Token.mark(UInt8(ascii: "@"))
        if tokens.count == 1, tokens.first == at { return ([], nil) }
        if tokens.first == at, let colon = tokens.firstIndex(of: .mark(UInt8(ascii: ":"))),
            colon + 1 < tokens.endIndex
        {
            tokens = tokens[(colon + 1)...]
        }
        var local = tokens
        var domain: ArraySlice<Token>?
        if let separator = tokens.lastIndex(of: at) {
            (local, domain) = (tokens[..<separator], tokens[(separator + 1)...])
        } else if let bang = tokens.firstIndex(of: .mark(UInt8(ascii: "!"))) {
            (local, domain) = (tokens[(bang + 1)...], tokens[..<bang])
        } else if let percent = tokens.lastIndex(of: .mark(UInt8(ascii: "%"))) {
            (local, domain) = (tokens[..<percent], tokens[(percent + 1)...])
        }
        let dot = Token.mark(UInt8(ascii: "."))
        if let name = domain, name.last == dot, name.count > 1, name.dropLast().last != dot {
            domain = name.dropLast()
        }
        return (text(local), domain.map(text))
    }

    /// Words that nothing stands between are kept apart.
    private static func text(_ tokens: ArraySlice<Token>) -> [UInt8] {
        var text: [UInt8] = []
        var isAfterWord = false
        for token in tokens {
            switch token {
            case .word(let bytes):
                if isAfterWord { text.append(UInt8(ascii: " ")) }
                text += bytes
                isAfterWord = true
            case .mark(let byte):
                text.append(byte)
                isAfterWord = false
            }
        }
        return text
    }

    /// `tok822_scan` of Postfix.
    private static func tokens(_ path: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var position = 0
        /// Up to a byte that ends the word, which stays.
        func word(until ends: (UInt8) -> Bool) -> [UInt8] {
            var word: [UInt8] = []
            while position < path.count {
                var byte = path[position]
                if byte == UInt8(ascii: "\\") {
                    position += 1
                    guard position < path.count else { break }
                    byte = path[position]
                } else if ends(byte) {
                    break
                }
                word.append(HeaderLexer.isSpace(byte) ? UInt8(ascii: " ") : byte)
                position += 1
            }
            return word
        }
        while position < path.count {
            let byte = path[position]
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), carriageReturn, lineFeed: position += 1
            case UInt8(ascii: "("): position = endOfComment(path, position)
            case UInt8(ascii: "["):
                position += 1
                tokens.append(.word([byte] + word { $0 == UInt8(ascii: "]") } + [UInt8(ascii: "]")]))
                position += 1
            case UInt8(ascii: "\""):
                position += 1
                tokens.append(.word(word { $0 == UInt8(ascii: "\"") }))
                position += 1
            case _ where isMark(byte):
                tokens.append(.mark(byte))
                position += 1
            default: tokens.append(.word(word { HeaderLexer.isSpace($0) || isMark($0) }))
            }
        }
        return tokens
    }

    private static func endOfComment(_ path: [UInt8], _ start: Int) -> Int {
        var (position, depth) = (start, 0)
        while position < path.count {
            switch path[position] {
            case UInt8(ascii: "\\"): position += 1
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            default: break
            }
            position += 1
            if depth == 0 { break }
        }
        return min(position, path.count)
    }

    private static let marks = Set("|%!\"(),.:;<>@[]".utf8)

    private static func isMark(_ byte: UInt8) -> Bool { marks.contains(byte) }
}
