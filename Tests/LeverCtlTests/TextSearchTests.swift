import MIME
import Testing

@testable import leverctl

/// `timeline --grep`.
@Suite struct TextSearchTests {
    @Test(arguments: [
        ("muller", "Herr Müller"), ("MÜLLER", "muller"), ("müller", "Mu\u{308}ller"), ("strasse", "Straße"),
        ("Straße", "STRASSE"), ("cafe", "Café"), ("soren", "Søren"), ("lodz", "Łódź"), ("elena", "Елена Elena"),
        ("ёлка", "ёлка"), ("елка", "Ёлка"), ("istanbul", "İSTANBUL"), ("λογος", "ΛΌΓΟΣ"), ("fine", "ﬁne"),
        ("ABC", "ａｂｃ"), ("10 uhr", "um 10\nUhr"), ("a b", "a \t\u{a0}\r\n b"), ("שלום", "שָׁלוֹם"),
        ("donaudampf", "Donau\u{ad}dampf"), ("$.*", "costs $.* a lot"),
    ])
    func `is found`(wanted: String, text: String) throws {
        #expect(try #require(TextSearch(wanted)).isIn(text))
    }

    @Test(arguments: [("müllers", "Müller"), ("か", "が"), ("a.c", "abc"), ("ab", "a b"), ("क", "ख")])
    func `is something else`(wanted: String, text: String) throws {
        #expect(try !#require(TextSearch(wanted)).isIn(text))
    }

    @Test(arguments: ["", " ", "\n\t", "\u{200b}", "\u{301}"])
    func `nothing to look for is refused`(text: String) { #expect(TextSearch(text) == nil) }

    @Test(arguments: [
        ("anna berg", true), ("rita@acme", true), ("carl", true), ("answers@", true), ("offer", true), ("hello", true),
        ("quoted words", true), ("resume", true), ("hello on monday", true), ("boundary", false), ("x-secret", false),
    ])
    func `a message is searched where people read it`(wanted: String, isFound: Bool) throws {
        let raw = """
            From: Anna Berg <anna@home.example>
            To: Rita <rita@acme.example>
            Cc: Carl <carl@home.example>
            Reply-To: answers@home.example
            Subject: =?utf-8?q?Your_=C3=B6ffer?=
            X-Secret: x-secret
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=boundary

            --boundary
            Content-Type: text/plain; charset=utf-8

            Hello

            On Monday Rita wrote:
            > quoted
            > words
            --boundary
            Content-Type: application/pdf
            Content-Disposition: attachment; filename*=UTF-8''R%C3%A9sum%C3%A9.pdf

            x
            --boundary--

            """
        let message = Message(raw: Array(raw.utf8))
        #expect(try #require(TextSearch(wanted)).isIn(message, ReadingContext()) == isFound)
    }
}
