import Core
import Testing

@testable import MIME

/// How a message is split into parts. Messages are written with LF, and read with every kind of line end.
@Suite struct PartTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let raw: String
        let text: [String]
        var attachments: [String] = []

        init(_ name: String, _ raw: String, _ text: [String], _ attachments: [String] = []) {
            (testDescription, self.raw, self.text, self.attachments) = (name, raw, text, attachments)
        }
    }

    private static let mixed = "Content-Type: multipart/mixed; boundary=b\n"

    static let samples = [
        Sample("closed", mixed + "\nprologue\n--b\n\none\n--b\n\ntwo\n--b--\n", ["one", "two"]),
        Sample("unclosed", mixed + "\n--b\n\none\n--b\n\ntwo", ["one", "two"]),
        Sample("text behind the closing boundary", mixed + "\n--b\n\none\n--b--\ntwo\n", ["one", "two"]),
        Sample("closed too early", mixed + "\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n", ["one", "two"]),
        Sample("blanks behind the boundary", mixed + "\n--b \t\n\none\n--b \n\ntwo\n--b--  \n", ["one", "two"]),
        Sample(
            "blank in the parameter", "Content-Type: multipart/mixed; boundary=\"b \"\n\n--b\n\none\n--b--\n", ["one"]),
        Sample(
            "no parameter", "Content-Type: multipart/mixed\n\n--x\nContent-Type: text/plain\n\none\n--x--\n", ["one"]),
        Sample("another boundary", mixed + "\n--x\nContent-type: text/plain\n\none\n--x--\n", ["one"]),
        Sample("boundary that never comes", mixed + "\nall of it\n--\nb\n", ["all of it\n--\nb"]),
        Sample(
            "a boundary that begins like another", mixed + "\n--b\n\none\n--bb\n--b--b\n--b--\n", ["one\n--bb\n--b--b"]),
        Sample(
            "boundary that ends like a closing one",
            "Content-Type: multipart/mixed; boundary=\"b--\"\n\n--b--\n\none\n--b----\n", ["one"]),
        Sample("no header", mixed + "\n--b\nDear Rita,\n\nthree lines\n--b--\n", ["Dear Rita,\n\nthree lines"]),
        Sample("text that looks like a field", mixed + "\n--b\nNote: one\n\ntwo\n--b--\n", ["Note: one\n\ntwo"]),
        Sample("no empty line", mixed + "\n--b\nContent-Type: text/plain\none\n--b--\n", ["one"]),
        Sample(
            "a stray line in the header",
            mixed + "\n--b\nContent-Type: text/plain\nstray\n more\nContent-Disposition: inline\n\none\n--b--\n",
            ["stray\n more", "one"]),
        Sample("no empty line in the message", "Subject: s\nno field\nmore", ["no field\nmore"]),
        Sample("a mailbox line", "From anna Mon Nov 23\nSubject: s\n\none", ["one"]),
        Sample(
            "nested", mixed + "\n--b\n\(mixed.replacing("=b", with: "=c"))\n--c\n\none\n--c--\n--b\n\ntwo\n--b--\n",
            ["one", "two"]),
        Sample(
            "nested, unclosed", mixed + "\n--b\n\(mixed.replacing("=b", with: "=c"))\n--c\n\none\n--b\n\ntwo\n--b--\n",
            ["one", "two"]),
        Sample(
            "nested with the same boundary", mixed + "\n--b\n\(mixed)\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
            ["one", "two"]),
        Sample(
            "nested without parts", mixed + "\n--b\n\(mixed.replacing("=b", with: "=c"))\n--b\n\ntwo\n--b--\n", ["two"]),
        Sample(
            "two types", "Content-Type: nothing\nContent-Type: text/html\n\n<p>one</p>", ["one"]),
        Sample("a type without a subtype", "Content-Type: html\n\n<p>one</p>", ["one"]),
        Sample(
            "a file without a type", mixed + "\n--b\n\none\n--b\nContent-Type: cv; name=cv.pdf\n\nx\n--b--\n", ["one"],
            ["cv.pdf application/octet-stream 1"]),
        Sample(
            "a file with half a type", mixed + "\n--b\n\none\n--b\nContent-Type: pdf; name=cv.pdf\n\nx\n--b--\n",
            ["one"],
            ["cv.pdf application/pdf 1"]),
        Sample(
            "a file of text", mixed + "\n--b\nContent-Type: text/plain; name=a.txt\n\none\n--b\n\ntwo\n--b--\n",
            ["one", "two"], ["a.txt text/plain 3"]),
        Sample(
            "a text that calls itself an attachment", "Content-Disposition: attachment\n\none", ["one"]),
        Sample(
            "text between files",
            mixed + "\n--b\n\none\n--b\nContent-Type: a/b; name=x\n\nx\n--b\n\ntwo\n--b--\n", ["one", "two"],
            ["x a/b 1"]),
        Sample(
            "a digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: s\n\none\n--b--\n",
            ["Attached message: s", "one"], ["s message/rfc822 15"]),
        Sample(
            "the root of related parts",
            "Content-Type: multipart/related; boundary=b; start=\"<r>\"\n\n"
                + "--b\nContent-ID: <i>\n\ntwo\n--b\nContent-ID: <r>\n\none\n--b--\n", ["one", "two"]),
        Sample(
            "a multipart in base64",
            mixed + "Content-Transfer-Encoding: base64\n\nLS1iCkNvbnRlbnQtVHlwZTogdGV4dC9wbGFp\nbgoKb25lCi0tYi0tCg==\n",
            ["one"]),
        Sample(
            "a multipart in quoted-printable",
            "Content-Type: multipart/mixed; boundary=\"=b\"\nContent-Transfer-Encoding: quoted-printable\n\n"
                + "--=3Db\nContent-Type: text/plain; charset=3Dutf-8\n\nK=C3=B6ln\n--=3Db--\n", ["Köln"]),
        Sample(
            "a multipart that only says so",
            mixed + "Content-Transfer-Encoding: quoted-printable\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n"
                + "1+1=2C, K\u{f6}ln\n--b--\n", ["1+1=2C, K\u{f6}ln"]),
        Sample(
            "text before the first boundary", mixed + "\none\n--b\nContent-Type: a/b; name=x\n\nx\n--b--\n", ["one"],
            ["x a/b 1"]),
        Sample(
            "the notice before the first boundary",
            mixed + "\nThis is a multi-part message in MIME format.\n--b\nContent-Type: a/b; name=x\n\nx\n--b--\n", [],
            ["x a/b 1"]),
        Sample("only a prologue", mixed + "\nall of it\n", ["all of it"]),
        Sample("a page of which nothing is seen", "Content-Type: text/html\n\n<img src=x>", [], [" text/html 11"]),
        Sample(
            "an enriched text", "Content-Type: text/enriched\n\n<bold>one</bold>\ntwo\n\n<param>x</param>1 << 2\n",
            ["one two\n1 < 2"]),
        Sample("nothing", "Subject: s\n\n \n", []),
    ]

    private static func check(_ sample: Sample, _ raw: String) {
        let message = Message(raw: Array(raw.utf8))
        #expect(
            message.text.flatMap { $0.content.split(separator: "\n", omittingEmptySubsequences: false) }
                == sample.text.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) })
        #expect(message.attachments.map { "\($0.name) \($0.type) \($0.size)" } == sample.attachments)
    }

    @Test(arguments: samples)
    func `parts are found in what programs send, and no text is lost`(_ sample: Sample) {
        Self.check(sample, sample.raw)
    }

    @Test(arguments: samples)
    func `lines may end in CRLF, in CR, and in one or the other`(_ sample: Sample) {
        // Sizes count line ends.
        guard sample.attachments.allSatisfy({ $0.hasSuffix(" 1") }) else { return }
        Self.check(sample, sample.raw.replacing("\n", with: "\r\n"))
        Self.check(sample, sample.raw.replacing("\n", with: "\r"))
        guard let body = sample.raw.firstRange(of: "\n\n") else { return }
        Self.check(
            sample, sample.raw[..<body.lowerBound] + "\n\n" + sample.raw[body.upperBound...].replacing("\n", with: "\r")
        )
    }

    @Test(arguments: samples)
    func `ranges of parts are inside those of their parents, in order`(_ sample: Sample) {
        let tree = PartTree(Array(sample.raw.utf8))
        for node in tree.nodes {
            #expect(node.header.upperBound <= node.body.lowerBound && node.body.upperBound <= tree.bytes.count)
            var end = node.prologue.upperBound
            for child in node.children.map({ tree.nodes[$0] }) {
                #expect(child.header.lowerBound >= end && child.body.upperBound <= node.body.upperBound)
                end = child.body.upperBound
            }
        }
        // Whoever decided about the message saw the same header.
        #expect(tree.nodes[0].body.lowerBound == HeaderReader.read(tree.bytes).body)
    }

    @Test func `a signed part is every byte that was signed`() {
        let signed = "Content-Type: text/plain\r\nX-Odd:  a \r\n\tb\r\n\r\none \r\n\r\n"
        let raw = "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\(signed)\r\n--b\r\n\r\nx\r\n--b--\r\n"
        let part = MessagePart(PartTree(Array(raw.utf8)), charset: nil).children[0]
        #expect(String(decoding: part.source, as: UTF8.self) == signed)
    }

    @Test func `the bytes of every attachment are had, those in encoded multiparts too`() {
        let inner = "Content-Type: a/b; name=inner\n\n\u{1}\r\n\u{2}"
        let raw = """
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: multipart/mixed; boundary=c

            --c
            \(inner)
            --c--
            --b
            Content-Type: multipart/mixed; boundary=c
            Content-Transfer-Encoding: base64

            LS1jCkNvbnRlbnQtVHlwZTogYS9iOyBuYW1lPWVuY29kZWQKCnh5egotLWMtLQ==
            --b
            Content-Type: message/rfc822
            Content-Transfer-Encoding: base64

            U3ViamVjdDogcwoKb25l
            --b--
            """
        let attachments = MessageAttachments(raw: Array(raw.utf8))
        #expect(attachments.list.map(\.name) == ["inner", "encoded", "s"])
        let contents = attachments.list.indices.map { String(decoding: attachments.content($0), as: UTF8.self) }
        #expect(contents == ["\u{1}\r\n\u{2}", "xyz", "Subject: s\n\none"])
        #expect(attachments.list == Message(raw: Array(raw.utf8)).attachments)
        #expect(Message.attachment(1, of: Array(raw.utf8)) == Array("xyz".utf8))
        #expect(Message.attachment(3, of: Array(raw.utf8)) == nil)
    }
}
