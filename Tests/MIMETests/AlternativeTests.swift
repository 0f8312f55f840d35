import Testing

@testable import MIME

@Suite struct AlternativeTests {
    private static func shown(_ parts: [(type: String, content: String)]) -> [String] {
        let body = parts.map { "--b\nContent-Type: \($0.type); charset=utf-8\n\n\($0.content)\n" }.joined()
        let raw = "Content-Type: multipart/alternative; boundary=b\n\n\(body)--b--\n"
        return Message(raw: Array(raw.utf8)).text.map(\.content)
    }

    @Test(arguments: [
        "Your e-mail program cannot show HTML. Please use another one.", "This message is in HTML format.",
        "Please see the HTML part of this message.", "View this email in your browser:\nhttps://x.example/1",
        "Ihr E-Mail-Programm kann HTML nicht anzeigen.", "Votre logiciel de messagerie ne prend pas en charge HTML.",
        "", " \u{a0}\n", "https://track.example/pixel?id=1",
    ])
    func `a stub never wins over content`(_ stub: String) {
        let page = "<p>Yes, Thursday 10 am works. My number: 555-0199.</p>"
        let answer = ["Yes, Thursday 10 am works. My number: 555-0199."]
        #expect(Self.shown([("text/plain", stub), ("text/html", page)]) == answer)
        #expect(Self.shown([("text/html", page), ("text/plain", stub)]) == answer)
    }

    @Test func `plain text that says the same as the page is shown, in every script`() {
        for text in ["Thursday at ten suits me well", "木曜日の十時に伺います。よろしくお願いします。", "Да, в четверг"] {
            let lines = text.split(separator: " ").joined(separator: "\n")
            #expect(Self.shown([("text/plain", lines), ("text/html", "<p>\(text)</p>")]) == [lines])
        }
        #expect(Self.shown([("text/html", "<p>:-)</p>"), ("text/plain", ":-)")]) == [":-)"])
    }

    @Test func `the page is shown if the plain text leaves out much of it`() {
        let page = "<p>Dear Rita,</p><p>Thursday is fine. My salary is 4711, and I bring the drawings.</p>"
        #expect(
            Self.shown([("text/plain", "Dear Rita,"), ("text/html", page)]).joined().contains("I bring the drawings"))
    }

    @Test func `alternatives that share no words are both shown, in order`() {
        let shown = Self.shown([("text/html", "<p>HTML first</p>"), ("text/plain", "plain second")])
        #expect(shown == ["HTML first", "plain second"])
    }

    @Test func `a page for programs is shown only if there is nothing else`() {
        let amp = ("text/x-amp-html", "<html amp4email><body>AMP only version</body></html>")
        #expect(Self.shown([amp, ("text/html", "<p>the real thing</p>")]) == ["the real thing"])
        #expect(Self.shown([("text/plain", "the real thing"), amp]) == ["the real thing"])
        #expect(Self.shown([amp]) == ["AMP only version"])
    }

    @Test func `an alternative inside a multipart, and a multipart inside an alternative`() {
        let raw = """
            Content-Type: multipart/alternative; boundary=a

            --a

            See my CV and the letter below
            --a
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/html

            See my CV
            --b
            Content-Type: application/pdf; name=CV.pdf

            x
            --b
            Content-Type: text/html

            and the letter below
            --b--
            --a--
            """
        let message = Message(raw: Array(raw.utf8))
        #expect(message.text == [.text("See my CV and the letter below")])
        #expect(message.attachments.map(\.name) == ["CV.pdf"])
    }
}
