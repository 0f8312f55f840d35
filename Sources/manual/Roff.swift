/// The text of a page, in the man(7) language.
struct Roff {
    private(set) var text = ""
    /// After a heading a paragraph needs no request.
    private var isAfterHeading = false

    init(_ page: String, section: String, _ edition: Edition) {
        line(
            ".TH \"\(page.uppercased())\" \"\(section)\" \"\(edition.date)\" "
                + "\"lever-milter \(edition.release)\" \"lever-milter\""
        )
        // People copy commands and paths from pages, so do not hyphenate or justify.
        line(".nh")
        line(".ad l")
    }

    mutating func section(_ title: String) { heading(".SH \"\(title)\"") }
    mutating func subsection(_ title: String) { heading(".SS \"\(Self.escaped(title))\"") }

    mutating func paragraph(_ markdown: String) {
        beginParagraph()
        line(Self.inline(markdown))
    }

    /// A term, already in roff, and its description.
    mutating func item(_ term: String, _ markdown: [String]) {
        line(".TP")
        line(term)
        line(Self.inline(markdown.first ?? ""))
        for further in markdown.dropFirst() {
            line(".IP")
            line(Self.inline(further))
        }
    }

    /// Lines of code or output, unfilled.
    mutating func verbatim(_ lines: [String]) {
        beginParagraph()
        line(".RS 4")
        line(".nf")
        for text in lines { line(Self.guarded(Self.code(text))) }
        line(".fi")
        line(".RE")
    }

    /// A line already in roff, not joined with the one after it.
    mutating func synopsis(_ roff: String) {
        beginParagraph()
        line(roff)
    }

    private mutating func heading(_ roff: String) {
        line(roff)
        isAfterHeading = true
    }

    private mutating func beginParagraph() { if !isAfterHeading { line(".PP") } }

    private mutating func line(_ roff: String) {
        text += roff + "\n"
        isAfterHeading = false
    }

    // MARK: Escapes

    static func bold(_ text: String) -> String { "\\fB\(code(text))\\fP" }
    static func italic(_ text: String) -> String { "\\fI\(code(text))\\fP" }

    /// Markdown of one paragraph: `code` and links.
    static func inline(_ markdown: String) -> String {
        var result = ""
        var rest = markdown.replacing("\n", with: " ")[...]
        while let character = rest.first {
            if character == "`", let end = rest.dropFirst().firstIndex(of: "`") {
                result += bold(String(rest[rest.index(after: rest.startIndex)..<end]))
                rest = rest[rest.index(after: end)...]
            } else if let link = rest.prefixMatch(of: #/\[([^\]]*)\]\([^)]*\)/#) {
                result += inline(String(link.output.1))
                rest = rest[link.range.upperBound...]
            } else {
                result += escaped(String(character))
                rest = rest.dropFirst()
            }
        }
        return guarded(result)
    }

    /// Escapes prose.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\e").replacing("…", with: "\\&...").replacing("\"", with: "\\(dq")
    }

    /// Escapes text that is typed, in which hyphens are minus signs.
    private static func code(_ text: String) -> String {
        escaped(text).replacing("-", with: "\\-").replacing("'", with: "\\(aq").replacing("~", with: "\\(ti")
            .replacing("^", with: "\\(ha").replacing("`", with: "\\(ga")
    }

    /// Keeps a line of text from being read as a request.
    private static func guarded(_ line: String) -> String {
        line.hasPrefix(".") || line.hasPrefix("'") ? "\\&\(line)" : line
    }
}
