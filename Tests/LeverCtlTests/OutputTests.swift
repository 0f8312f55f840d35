import Core
import Foundation
import Testing

@testable import leverctl

@Suite struct OutputTests {
    @Test(arguments: [
        ("plain ünïcode 漢字", "plain ünïcode 漢字"), ("\u{1b}[2J", "\\u{1B}[2J"), ("a\nb", "a\\u{A}b"),
        ("\u{9b}1m", "\\u{9B}1m"),
        ("\u{202e}gpj.exe", "\\u{202E}gpj.exe"), ("\u{2066}x", "\\u{2066}x"), ("\u{2028}", "\\u{2028}"),
        ("\u{7f}", "\\u{7F}"),
        // Invisible: zero-width, fillers, tags, annotations, a byte order mark, selectors and joiners where none
        // belong.
        ("pay\u{200b}pal", "pay\\u{200B}pal"), ("\u{feff}a", "\\u{FEFF}a"), ("a\u{2060}b", "a\\u{2060}b"),
        ("\u{e0001}\u{e0041}", "\\u{E0001}\\u{E0041}"), ("a\u{fff9}b\u{fffb}", "a\\u{FFF9}b\\u{FFFB}"),
        ("\u{3164}", "\\u{3164}"), ("a\u{200d}b", "a\\u{200D}b"), ("\u{200c}\u{a0}", "\\u{200C}\u{a0}"),
        ("a\u{fe0f}", "a\\u{FE0F}"), ("a\u{e0100}", "a\\u{E0100}"), ("\u{61c}", "\\u{61C}"),
        ("😀\u{fe0f}\u{fe0f}\u{fe00}", "😀\u{fe0f}\\u{FE0F}\\u{FE00}"), ("\u{ad}x", "\\u{AD}x"),
        // Writing that needs some of them.
        ("می\u{200c}خواهم", "می\u{200c}خواهم"), ("क\u{94d}\u{200d}ष", "क\u{94d}\u{200d}ष"),
        (
            "👩\u{200d}💻 👨🏽\u{200d}🚀 ❤\u{fe0f}\u{200d}🔥 1\u{fe0f}\u{20e3}",
            "👩\u{200d}💻 👨🏽\u{200d}🚀 ❤\u{fe0f}\u{200d}🔥 1\u{fe0f}\u{20e3}"
        ),
        ("葛\u{e0100}城", "葛\u{e0100}城"), ("Donau\u{ad}dampf", "Donau\u{ad}dampf"), ("é e\u{301} ﬁ", "é e\u{301} ﬁ"),
    ])
    func `nothing that a terminal acts on is printed`(text: String, shown: String) {
        #expect(text.printable() == shown)
    }

    @Test(arguments: [
        "\u{9b}1m", "\u{202e}gpj.exe", "\u{7f}", "\u{2028}", "\u{200b}", "\u{e0041}", "\u{feff}", "\u{1b}[2J",
    ])
    func `nothing that a terminal acts on is in JSON, which says the same`(text: String) throws {
        let json = try jsonLine(["text": text])
        #expect(!json.unicodeScalars.contains { scalar in text.unicodeScalars.contains(scalar) && !scalar.isASCII })
        #expect(!json.utf8.contains { $0 < 0x20 || $0 == 0x7f })
        #expect(try JSONDecoder().decode([String: String].self, from: Data(json.utf8)) == ["text": text])
    }

    @Test(arguments: [[], ["one"], ["a\n]b", "\"messages\" : [", ""]])
    func `a document whose list is printed one by one is the same document`(texts: [String]) throws {
        struct Element: Encodable {
            let text: String
            var blocks: [[String]] = [[], ["x"]]
        }
        struct Document: Encodable {
            let company = "\"messages\" : []"
            var messages: [Element]
            let name = "Zoë"
        }
        var printed = ""
        try withoutActuallyEscaping({ printed += $0 }) { write in
            var listing = try JSONListing(of: Document(messages: []), in: "messages", write: write)
            for text in texts { try listing.add(Element(text: text)) }
            listing.end()
        }
        #expect(try printed == jsonText(Document(messages: texts.map { Element(text: $0) }), .prettyPrinted) + "\n")
    }

    @Test func `letters and emoji stand in JSON as they are`() throws {
        #expect(try jsonLine(["text": "ü 字 👩\u{200d}💻"]) == #"{"text":"ü 字 👩\#u{200d}💻"}"#)
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
