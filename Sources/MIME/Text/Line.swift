/// A line of text as it is shown, without its line break.
struct Line: Equatable {
    var text: String
    /// Marked as quoted: by `>`, or by the element of the page that it is in.
    var isQuoted: Bool
    /// Levels of indentation that may be the writer's own or a program's quotation.
    var indentation = 0

    /// Whether there is only white space and quote marks.
    var isBlank: Bool {
        text.utf8.allSatisfy { $0 == space || $0 == quoteMark || $0 == UInt8(ascii: "\t") }
            || text.unicodeScalars.allSatisfy { $0.properties.isWhitespace || $0 == ">" }
    }

    /// Makes a quotation of the indentation.
    mutating func quoteIndentation() {
        let marks = text.utf8.prefix { $0 == quoteMark }.count
        let all = String(repeating: ">", count: min(marks + indentation, ReadingLimits.quoteDepth))
        let rest = text.utf8.dropFirst(marks)
        text = all + (marks > 0 || rest.isEmpty ? "" : " ") + String(Substring(rest))
        (isQuoted, indentation) = (true, 0)
    }
}
