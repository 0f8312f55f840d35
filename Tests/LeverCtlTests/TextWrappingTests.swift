import System
import Testing

@testable import leverctl

@Suite struct TextWrappingTests {
    @Test(arguments: [
        ("plain", 5), ("", 0), ("ü", 1), ("e\u{301}", 1), ("漢字", 4), ("😀", 2), ("한글", 4), ("ｆｕｌｌ", 8), ("❤\u{fe0f}", 2),
        ("1\u{fe0f}\u{20e3}", 2), ("क\u{94d}", 1), ("ไทย", 3),
    ])
    func `a text is as wide as a terminal shows it`(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test(arguments: [
        ("one two three", 7, "one two\nthree"), ("one two three", 13, "one two three"), ("one  two", 5, "one\ntwo"),
        ("a\n\nb c", 1, "a\n\nb\nc"),
        // A word that is too long stays whole.
        ("see https://example.com/a-long-path now", 10, "see\nhttps://example.com/a-long-path\nnow"),
        // Marks of quotation and indentation go on.
        ("> one two three", 9, "> one two\n> three"), ("  one two", 5, "  one\n  two"),
        (">>>>>>>>>> one two", 12, ">>>>>>>>>> \none two"),
        ("- one two", 6, "- one\n  two"), ("> 10. one two", 12, "> 10. one\n>     two"), ("-one two", 6, "-one\ntwo"),
        // Wide characters take two columns, and lines break between them, but not before a full stop.
        ("日本語のテキスト", 6, "日本語\nのテキ\nスト"), ("日本語。です", 6, "日本\n語。で\nす"), ("「日本」です", 6, "「日\n本」で\nす"),
        ("abc日本", 5, "abc日\n本"),
        // A tab goes to the next eighth column.
        ("a\tb", 9, "a       b"), ("漢\tb\t\tc", 80, "漢      b               c"), ("\ta b", 17, "        a b"),
        ("\ta b", 10, "        a\nb"),
        // A combining mark belongs to its letter.
        ("e\u{301}e\u{301} e\u{301}", 3, "e\u{301}e\u{301}\ne\u{301}"),
    ])
    func `lines break on word boundaries`(text: String, columns: Int, wrapped: String) {
        #expect(text.wrapped(to: columns) == wrapped)
    }

    @Test func `without a terminal lines stay as they are`() {
        let line = String(repeating: "word ", count: 100)
        #expect(line.wrapped(to: nil) == line)
    }

    @Test(arguments: [1, 2, 7, 20, 79])
    func `nothing is lost but blanks at which lines break`(columns: Int) {
        let text = "The quick 日本語のテキスト、。 brown\u{301} 👩\u{200d}💻 fox > jumps\tover https://example.com/ 漢 a  b   c "
        let wrapped = text.wrapped(to: columns)
        #expect(wrapped.filter { !$0.isWhitespace } == text.filter { !$0.isWhitespace })
        for line in wrapped.split(separator: "\n") where line.columns > columns {
            #expect(!line.trimmed.contains(" "), "only a single word may be wider")
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var rest = self
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
