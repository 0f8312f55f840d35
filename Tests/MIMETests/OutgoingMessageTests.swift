import Foundation
import Testing

@testable import MIME

/// Messages that are composed, as they are on the wire. What other programs make of them was compared with Python's
/// email package once, for each of these texts.
@Suite struct OutgoingMessageTests {
    static let subjects = [
        "Your application", "", "Vorstellungsgespräch am Donnerstag", "Grüße", "ü", "面接のご案内",
        "Приглашение на собеседование в компанию Акме в четверг двадцать шестого ноября",
        "株式会社アクメ面接のご案内：十一月二十六日木曜日午前十時に本社までお越しください。よろしくお願いいたします",
        String(repeating: "👩🏽‍💻", count: 30), "e\u{301}\(String(repeating: "\u{301}", count: 200))",
        "=?utf-8?q?no_word?=", "a =?utf-8?q?b?= c", "=?", "two  blanks", " at its start", "at its end ",
        String(repeating: "x", count: 300), String(repeating: "word ", count: 60) + "end", "a_b?c=d",
        String(repeating: "Müller & Söhne ", count: 20) + "GmbH",
        "https://acme.example/" + String(repeating: "a/", count: 90),
    ]

    private func message(_ subject: String = "Hello", text: String = "Hello") -> OutgoingMessage {
        OutgoingMessage(
            from: .init(name: "Rita Nóor", address: "rita@acme.example"),
            to: .init(name: "Zoë", address: "zoe@home.example"), subject: subject, text: text, date: 1_795_512_600,
            messageID: "<lv1.abc@hire.lever.co>")
    }

    private func lines(_ raw: [UInt8]) -> [String] {
        String(decoding: raw, as: UTF8.self).components(separatedBy: "\r\n")
    }

    /// The value of the one field of that name, unfolded.
    private func field(_ name: String, _ raw: [UInt8]) -> String {
        let fields = String(decoding: raw, as: UTF8.self).components(separatedBy: "\r\n\r\n")[0]
            .replacing("\r\n ", with: " ").components(separatedBy: "\r\n")
        return fields.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) } ?? ""
    }

    @Test(arguments: subjects)
    func `a subject is read back as it was written, on lines of 78 characters`(subject: String) {
        let raw = message(subject).raw
        #expect(lines(raw).allSatisfy { $0.utf8.count <= 78 && $0.utf8.allSatisfy { $0 < 0x80 } })
        // Blanks at the ends are no text of a subject.
        #expect(
            Message(raw: raw).subject.trimmingCharacters(in: .whitespaces)
                == subject.trimmingCharacters(in: .whitespaces))
    }

    @Test(arguments: subjects)
    func `each encoded word has 75 characters at most, and whole characters`(subject: String) throws {
        let words = field("Subject", message(subject).raw).split(separator: " ").filter { $0.hasPrefix("=?UTF-8?") }
        var decoded = ""
        for word in words {
            #expect(word.utf8.count <= 75)
            let parts = word.split(separator: "?", omittingEmptySubsequences: false)
            if word != words.last { #expect(!parts[3].hasSuffix("="), "GMime drops the words behind padding") }
            let bytes =
                parts[2] == "B"
                ? Array(try #require(Data(base64Encoded: String(parts[3]))))
                : Array(
                    String(parts[3]).replacing("_", with: " ").replacing("=", with: "%").removingPercentEncoding!.utf8)
            decoded += try #require(String(validating: bytes, as: UTF8.self))
        }
        if !words.isEmpty { #expect(decoded == subject) }
    }

    @Test func `the fields are those of RFC 5322, ids each on one line`() {
        var one = message()
        one.inReplyTo = "<a@b>"
        one.references =
            ["<lv1.abc@hire.lever.co>"] + (0..<5).map { "<\(String(repeating: "x", count: 40))\($0)@home.example>" }
        one.fields = [("X-Lever-Thread", "<lv1.abc@hire.lever.co>")]
        let all = lines(one.raw)
        #expect(
            all.prefix(6) == [
                "From: =?UTF-8?Q?Rita_N=C3=B3or?= <rita@acme.example>", "To: =?UTF-8?Q?Zo=C3=AB?= <zoe@home.example>",
                "Subject: Hello", "Date: Tue, 24 Nov 2026 09:30:00 +0000", "Message-ID: <lv1.abc@hire.lever.co>",
                "In-Reply-To: <a@b>",
            ])
        #expect(
            all[6] == "References: <lv1.abc@hire.lever.co>" && all[7...11].allSatisfy { $0.hasSuffix("@home.example>") }
        )
        #expect(
            all.suffix(7) == [
                "X-Lever-Thread: <lv1.abc@hire.lever.co>", "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: 7bit", "", "Hello", "",
            ])
    }

    @Test(arguments: [
        ("Rita", "Rita"), ("Rita Noor", "Rita Noor"), ("Noor, Rita", "\"Noor, Rita\""), ("R. Noor", "\"R. Noor\""),
        ("the \"boss\" \\", #""the \"boss\" \\""#), ("two  blanks", "\"two  blanks\""),
        ("=?utf-8?q?x?=", "=?UTF-8?B?PT91dGYtOD9xP3g/PQ==?="), ("O'Hara", "O'Hara"), ("a@b", "\"a@b\""),
    ])
    func `a display name is a phrase that reads as the name`(name: String, phrase: String) {
        var one = message()
        one.to.name = name
        #expect(field("To", one.raw) == "\(phrase) <zoe@home.example>")
        one.to.name = ""
        #expect(field("To", one.raw) == "<zoe@home.example>")
    }

    @Test func `a long display name is folded, and an address in UTF-8 stays in it`() {
        var one = message()
        one.to = .init(
            name: String(repeating: "Wolfeschlegelsteinhausen ", count: 5) + "ß", address: "jörg@home.example")
        #expect(lines(one.raw).allSatisfy { $0.utf8.count <= 78 })
        #expect(field("To", one.raw).hasSuffix(" <jörg@home.example>"))
    }

    @Test(
        arguments: [
            ("Hallo", .sevenBit, "Hallo\r\n"), ("", .sevenBit, ""), ("a\n\n\tb\n", .sevenBit, "a\r\n\r\n\tb\r\n"),
            ("a\r\nb\rc\nd", .sevenBit, "a\r\nb\r\nc\r\nd\r\n"),
            (
                "Viele Grüße aus dem Norden\n1 + 1 = 2\n", .quotedPrintable,
                "Viele Gr=C3=BC=C3=9Fe aus dem Norden\r\n1 + 1 =3D 2\r\n"
            ),
            ("blank \ntab\t\n", .quotedPrintable, "blank=20\r\ntab=09\r\n"),
            (".\n..x\n.y", .quotedPrintable, "=2E\r\n=2E.x\r\n=2Ey\r\n"),
            ("From me\nto you From here", .quotedPrintable, "=46rom me\r\nto you From here\r\n"),
            ("a\u{0}b\u{1b}c", .quotedPrintable, "a=00b=1Bc\r\n"),
            (String(repeating: "x", count: 79), .quotedPrintable, String(repeating: "x", count: 75) + "=\r\nxxxx\r\n"),
            (
                String(repeating: "x", count: 75) + ".From ü", .quotedPrintable,
                String(repeating: "x", count: 75) + "=\r\n=2EFrom =C3=BC\r\n"
            ),
            ("Привет\nРита", .base64, "0J/RgNC40LLQtdGCDQrQoNC40YLQsA0K\r\n"),
        ] as [(String, OutgoingText.Encoding, String)])
    func `text has lines that end in CRLF, encoded so that nothing on the way changes it`(
        text: String, encoding: OutgoingText.Encoding, expected: String
    ) {
        let outgoing = OutgoingText(text)
        #expect(outgoing.encoding == encoding)
        #expect(String(decoding: outgoing.encoded, as: UTF8.self) == expected)
    }

    @Test(arguments: [
        String(repeating: "word ", count: 500) + "end", String(repeating: "дом ", count: 500) + "конец",
        String(repeating: "x", count: 20_000), String(repeating: "Straße\n.\nFrom x\n", count: 40) + "Ende",
        "a\n\n\n\nb", String(repeating: "👩🏽‍💻", count: 200),
    ])
    func `a text is read back as it was written, whatever its lines`(text: String) {
        let raw = message(text: text).raw
        #expect(lines(raw).allSatisfy { $0.utf8.count <= 78 && $0.utf8.allSatisfy { $0 < 0x80 } })
        #expect(Message(raw: raw).whole == text)
    }

    @Test(arguments: [
        ("plan.pdf", #"filename="plan.pdf""#), ("my plan.pdf", #"filename="my plan.pdf""#),
        ("Für.pdf", "filename*=UTF-8''F%C3%BCr.pdf"), ("a\"b.pdf", "filename*=UTF-8''a%22b.pdf"),
        ("=?utf-8?q?x?=.pdf", "filename*=UTF-8''%3D%3Futf-8%3Fq%3Fx%3F%3D.pdf"),
        ("50% (1).pdf", #"filename="50% (1).pdf""#),
        (
            "Приглашение на собеседование.pdf",
            "filename*0*=UTF-8''%D0%9F%D1%80%D0%B8%D0%B3%D0%BB%D0%B0%D1%88%D0%B5; "
                + "filename*1*=%D0%BD%D0%B8%D0%B5%20%D0%BD%D0%B0%20%D1%81%D0%BE%D0%B1%D0%B5; "
                + "filename*2*=%D1%81%D0%B5%D0%B4%D0%BE%D0%B2%D0%B0%D0%BD%D0%B8%D0%B5.pdf"
        ),
    ])
    func `a file's name is a parameter that RFC 2231 allows, and read back`(name: String, parameter: String) {
        var one = message()
        one.attachments = [.init(name: name, content: Array("%PDF".utf8))]
        let raw = one.raw
        #expect(lines(raw).allSatisfy { $0.utf8.count <= 78 && $0.utf8.allSatisfy { $0 < 0x80 } })
        let part = String(decoding: raw, as: UTF8.self).components(separatedBy: "Content-Disposition: ")[1]
        #expect(part.replacing("\r\n ", with: " ").hasPrefix("attachment; \(parameter)\r\n"), "\(part)")
        #expect(
            Message(raw: raw).attachments.map { "\($0.name)|\($0.type)|\($0.size)" } == ["\(name)|application/pdf|4"])
    }

    @Test func `attachments keep their bytes, and no part has a line that is the boundary`() {
        var one = message(text: "--=_lv1abchireleverco_0\n--=_lv1abchireleverco_1--")
        let content = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        one.attachments = [.init(name: "a.bin", content: content), .init(name: "b.txt", content: [])]
        let raw = one.raw
        let shown = Message(raw: raw)
        #expect(shown.whole == "--=_lv1abchireleverco_0\n--=_lv1abchireleverco_1--")
        #expect(
            shown.attachments.map { "\($0.name)|\($0.type)|\($0.size)" } == [
                "a.bin|application/octet-stream|1000", "b.txt|application/octet-stream|0",
            ])
        let parts = String(decoding: raw, as: UTF8.self).components(separatedBy: "--=_lv1abchireleverco_2")
        #expect(parts.count == 5)
        let body = parts[2].components(separatedBy: "\r\n\r\n")[1]
        #expect(Data(base64Encoded: body, options: .ignoreUnknownCharacters) == Data(content))
    }
}
