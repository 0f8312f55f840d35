/// What programs leave around a message id that they took for HTML, for a URL, for JSON or for a quoted text.
enum BrokenMessageID {
    /// Space and the characters that an id in brackets has where it is broken, or is a list; most ids have none of
    /// them.
    static let signs = HeaderLexer.Grammar(specials: ",:&%'`\\", hasQuotedStrings: true)

    private static let before = [
        "&lt;", "&#60;", "&#x3c;", "&amp;lt;", "%3c", "=3c", "\\u003c", "mailto:", "mid:", "\\",
    ].map { Array($0.utf8) }
    /// A semicolon is often taken for the end of the id.
    private static let after = [
        "&gt;", "&gt", "&#62;", "&#62", "&#x3e;", "&#x3e", "&amp;gt;", "&amp", "%3e", "=3e", "\\u003e", "\\",
    ].map { Array($0.utf8) }
    private static let quotes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "'"): UInt8(ascii: "'"),
        UInt8(ascii: "`"): UInt8(ascii: "`"), UInt8(ascii: "["): UInt8(ascii: "]"),
        UInt8(ascii: "{"): UInt8(ascii: "}"),
    ]
    /// Layers that are taken off: nobody has written more.
    private static let layers = 4

    /// The id alone. The work is linear.
    static func mended(_ id: ArraySlice<UInt8>) -> [UInt8] {
        var rest = id
        for _ in 0..<layers {
            let count = rest.count
            if let remains = before.first(where: { rest.hasPrefix($0) }) { rest.removeFirst(remains.count) }
            if let remains = after.first(where: { rest.hasSuffix($0) }) { rest.removeLast(remains.count) }
            if let first = rest.first, rest.count > 1, let end = quotes[first], rest.last == end {
                rest = rest.dropFirst().dropLast()
            }
            if rest.count == count { break }
        }
        return rest.contains(UInt8(ascii: "@")) ? Array(rest) : withAtSign(rest)
    }

    /// What stands for an `@`, in an id that has none.
    private static func withAtSign(_ id: ArraySlice<UInt8>) -> [UInt8] {
        guard let escape = id.firstRange(of: "%40".utf8) ?? id.firstRange(of: "=40".utf8) else { return Array(id) }
        return id[..<escape.lowerBound] + [UInt8(ascii: "@")] + id[escape.upperBound...]
    }
}

extension ArraySlice<UInt8> {
    /// `text` is in lower case.
    fileprivate func hasPrefix(_ text: [UInt8]) -> Bool {
        count >= text.count && zip(self, text).allSatisfy { $0.asciiLowercased == $1 }
    }

    fileprivate func hasSuffix(_ text: [UInt8]) -> Bool { suffix(text.count).hasPrefix(text) }
}
