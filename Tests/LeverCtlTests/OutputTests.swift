import Core
import Testing

@testable import leverctl

@Suite struct OutputTests {
    @Test(arguments: [
        ("plain ünïcode 漢字", "plain ünïcode 漢字"), ("\u{1b}[2J", "\\u{1B}[2J"), ("a\nb", "a\\u{A}b"),
        ("\u{9b}1m", "\\u{9B}1m"),
        ("\u{202e}gpj.exe", "\\u{202E}gpj.exe"), ("\u{2066}x", "\\u{2066}x"), ("\u{2028}", "\\u{2028}"),
        ("\u{7f}", "\\u{7F}"),
    ])
    func `nothing that a terminal acts on is printed`(text: String, shown: String) {
        #expect(text.printable() == shown)
    }

    @Test func `lines and tabs stay where text is shown in lines`() {
        #expect("a\n\tb\r".printable(keepingLines: true) == "a\n\tb\\u{D}")
    }

    @Test func `cells are padded to their columns, and lines have no trailing blanks`() {
        #expect(tableLine(["a", "bc", ""], [3, 2, 5]) == "a    bc")
        #expect(tableLine(["long", "x"], [2, 1]) == "long  x")
    }

    @Test func `nouns are counted`() {
        #expect([0, 1, 2].map { counted($0, "message") } == ["0 messages", "1 message", "2 messages"])
    }

    @Test func `JSON has snake_case keys in order, and no key without a value`() throws {
        struct Record: Encodable {
            var queueID: String
            var acceptedAt: String?
            var url = "https://a/b"
        }
        #expect(try jsonLine(Record(queueID: "4F")) == #"{"queue_id":"4F","url":"https://a/b"}"#)
    }
}
