import Foundation
import Testing

@testable import MIME

/// Fixtures are messages as mail programs write them, with the names made up.
@Suite struct MessageTests {
    private static func message(_ name: String) throws -> Message {
        let path = "\(Bundle.module.resourcePath!)/Fixtures/\(name).eml"
        return Message(raw: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    }

    @Test(arguments: [
        ("charset-big5", "造船"), ("charset-euc-kr", "배"), ("charset-gb18030", "你好，我接受这份工作。镕"),
        ("charset-greek", "Καλημέρα Μίλο"),
        ("charset-iso-2022-jp", "こんにちは、木曜日に伺います。"), ("charset-koi8-r", "Здравствуйте, я согласна. Ёлка"),
        ("charset-shift-jis", "ボートを作ります"),
        ("charset-utf-16", "Ahoy, Mílo ⛵"), ("charset-windows-1252", "€"),
    ])
    func `text is decoded in the character set it is really in`(_ fixture: String, _ expected: String) throws {
        let text = try Self.message(fixture).whole
        #expect(text.contains(expected), "\(text)")
        #expect(!text.contains("\u{FFFD}"), "\(text)")
    }

    @Test(arguments: [
        (
            "gmail-reply", "Thursday at ten suits me — I will bring the drawings.",
            "could you visit the yard on Thursday?"
        ),
        ("outlook-plain", "gerne, am Freitag um zwölf. – Grüße", "Wann passt es Ihnen?"),
        (
            "thunderbird-flowed", "Oak, and larch for the planks. I have never seen anything better than that",
            "And the price?"
        ),
    ])
    func `quoted text is told apart from what the author wrote, and kept`(
        _ fixture: String, _ written: String, _ quoted: String
    ) throws {
        let message = try Self.message(fixture)
        #expect(message.written.contains(written), "\(message.text)")
        #expect(!message.written.contains(quoted), "\(message.text)")
        #expect(message.quoted.contains(quoted), "\(message.text)")
    }

    @Test func `the attribution line belongs to the quotation, even if it is folded over two lines`() throws {
        let message = try Self.message("gmail-reply")
        #expect(message.quoted.contains("Milo Brandt <milo.brandt@hollowtree.example>"), "\(message.text)")
        #expect(!message.written.contains("wrote:"), "\(message.text)")
    }

    @Test func `attachments are listed by name, type and decoded size`() throws {
        let attachments = try Self.message("attachments").attachments
        let listed = attachments.map { "\($0.name)|\($0.type)|\($0.size)" }
        #expect(
            attachments.contains { $0.name == "Lebenslauf Für Milo.pdf" && $0.type == "application/pdf" }, "\(listed)")
        #expect(listed.contains("März.log|text/x-log|7"), "\(listed)")
        #expect(listed.contains("hull.dat|application/octet-stream|13"), "\(listed)")
        #expect(attachments.contains { $0.name == "Für Ada" && $0.type == "message/rfc822" }, "\(listed)")
    }

    @Test func `encoded words in header fields are decoded`() {
        let message = Message(
            raw: Array(
                "From: =?utf-8?Q?J=C3=B6rg?= <j@home.example>\r\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n\r\nx\r\n".utf8)
        )
        #expect(message.from == "Jörg <j@home.example>")
        #expect(message.subject == "Grüße")
    }

    @Test func `a display name that looks like an address is quoted`() {
        let message = Message(raw: Array("From: =?utf-8?Q?ceo=40acme.example?= <m@evil.example>\r\n\r\nx\r\n".utf8))
        #expect(message.from == "\"ceo@acme.example\" <m@evil.example>")
    }

    @Test(arguments: [
        "", "\r\n", "Subject: only\r\n", "no header at all", "Content-Type: multipart/mixed\r\n\r\n\u{0}\u{1}",
        "Content-Type: text/html\r\n\r\n<div <<<<&#xFFFFFFFF;", "Content-Type: text/plain; charset=\r\n\r\ntext",
    ])
    func `an empty message, a header alone and random bytes show what they can`(_ raw: String) {
        let message = Message(raw: Array(raw.utf8))
        #expect(message.attachments.count <= 1)
        if raw.hasSuffix("text") || raw.hasPrefix("no header") {
            #expect(message.whole.contains(raw.suffix(4)), "\(message.text)")
        }
    }

    @Test(arguments: [
        "unclosed-boundary", "broken-boundary", "no-boundary", "no-content-type",
    ])
    func `the text of a multipart is shown even if its closing boundary, or every boundary, is missing`(
        _ fixture: String
    ) throws {
        #expect(!(try Self.message(fixture)).whole.isEmpty)
    }

    @Test func `a thousand nested multiparts are read`() {
        var raw = ""
        for depth in 0..<1000 { raw += "Content-Type: multipart/mixed; boundary=b\(depth)\r\n\r\n--b\(depth)\r\n" }
        raw += "Content-Type: text/plain\r\n\r\nInnermost.\r\n"
        let message = Message(raw: Array(raw.utf8))
        #expect(message.whole.contains("Innermost.") || !message.attachments.isEmpty)
    }

    @Test func `ten thousand parts are shown in order`() {
        var raw = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        for part in 0..<10_000 { raw += "--b\r\nContent-Type: text/plain\r\n\r\nPart \(part).\r\n" }
        let message = Message(raw: Array((raw + "--b--\r\n").utf8))
        #expect(message.whole.contains("Part 0.") && message.whole.contains("Part 9999."))
    }
}

extension Message {
    var written: String {
        text.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined(separator: "\n")
    }
    var quoted: String {
        text.compactMap { if case .quoted(let text, _) = $0 { text } else { nil } }.joined(separator: "\n")
    }
    var whole: String { (written + "\n" + quoted).trimmingCharacters(in: .whitespacesAndNewlines) }
}
