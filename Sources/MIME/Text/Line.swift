/// A line of text as it is shown, without its line break.
struct Line: Equatable {
    var text: String
    /// Marked as quoted: by `>`, or by the element of the page that it is in.
    var isQuoted: Bool

    /// Whether there is only white space and quote marks.
    var isBlank: Bool {
        text.utf8.allSatisfy { $0 == space || $0 == quoteMark || $0 == UInt8(ascii: "\t") }
            || text.unicodeScalars.allSatisfy { $0.properties.isWhitespace || $0 == ">" }
    }
}
