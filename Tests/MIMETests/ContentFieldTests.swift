import Testing

@testable import MIME

@Suite struct ContentFieldTests {
    @Test(arguments: [
        ("text/plain; charset=us-ascii (Plain text)", "text/plain", "us-ascii"),
        ("text/plain; charset=\"us-ascii\"", "text/plain", "us-ascii"),
        ("Text/HTML;Charset=UTF-8", "text/html", "UTF-8"),
        ("(a (nested) comment) text / plain (b) ; charset = utf-8", "text/plain", "utf-8"),
        ("text/plain charset=utf-8", "text/plain", "utf-8"),
        ("text/plain; charset=utf-8 format=flowed", "text/plain", "utf-8"),
        ("text/plain;; ;charset=utf-8;", "text/plain", "utf-8"), ("text/plain; charset=\"utf-8", "text/plain", "utf-8"),
        ("text/plain; charset=utf-8\"", "text/plain", "utf-8"), ("text/plain, charset=utf-8", "text/plain", "utf-8"),
        ("charset=utf-8", "", "utf-8"), ("; charset=utf-8", "", "utf-8"),
        ("\"text/plain\"; charset=utf-8", "text/plain", "utf-8"),
        ("text/plain; charset=utf-8; charset=koi8-r", "text/plain", "utf-8"),
        ("text/plain;\r\n\tcharset=utf-8", "text/plain", "utf-8"),
        ("text/plain; junk; charset=utf-8", "text/plain", "utf-8"),
        ("text/plain (open; charset=utf-8", "text/plain", "utf-8"),
        ("text/plain; charset*=us-ascii'en'utf-8", "text/plain", "utf-8"), ("pdf; charset=utf-8", "pdf", "utf-8"),
    ])
    func `a type and its charset are read however they are written`(_ field: String, _ value: String, _ charset: String)
    {
        let content = ContentField(field.utf8)
        #expect(content.value == value)
        #expect(content["charset"] == charset)
    }

    @Test(arguments: [
        // RFC 2231 sections 3 and 4.
        ("filename*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "This is ***fun***"),
        (
            """
            filename*0*=us-ascii'en'This%20is%20even%20more%20; filename*1*=%2A%2A%2Afun%2A%2A%2A%20;
             filename*2="isn't it!"
            """,
            "This is even more ***fun*** isn't it!"
        ),
        (
            "filename*0*=UTF-8''Lebens%6C;\r\n filename*1*=auf%20M%C3%BC;\r\n filename*2=\"ller.pdf\"",
            "Lebenslauf Müller.pdf"
        ),
        // Out of order, a letter cut in two, numbers from one, plain sections alone, a charset in the first alone.
        ("filename*1*=%BCller.pdf; filename*0*=utf-8''M%C3", "Müller.pdf"), ("filename*1=a; filename*2=b", "ab"),
        ("filename*0=\"long \"; filename*1=name.pdf", "long name.pdf"), ("filename*0=a; filename*1*=%20b", "a b"),
        ("filename*10=k; filename*2=c; filename*0=a; filename*1=b", "abck"),
        ("filename*0=a; filename*0=x; filename*1=b", "ab"),
        ("filename*=iso-8859-1''M%FCller.pdf", "Müller.pdf"), ("filename*=\"utf-8''M%C3%BCller.pdf\"", "Müller.pdf"),
        ("filename*=M%C3%BCller.pdf", "Müller.pdf"), ("filename*=utf-8'M%C3%BCller.pdf", "Müller.pdf"),
        ("filename*=UTF-8''\"M%C3%BCller.pdf\"", "Müller.pdf"), ("filename*=it's.pdf", "it's.pdf"),
        ("filename*0=utf-8''M%C3; filename*1=%BCller.pdf", "Müller.pdf"), ("filename*=''M%C3%BCller.pdf", "Müller.pdf"),
        ("filename*=utf-8''100%.pdf", "100%.pdf"), ("filename*=utf-8'de'it%27s 'so'.pdf", "it's 'so'.pdf"),
        ("filename*=O'Neil's.pdf", "O'Neil's.pdf"),
        ("filename*0=\"=?utf-8?B?TGViZW5z\"; filename*1=\"bGF1Zi5wZGY=?=\"", "Lebenslauf.pdf"),
        // The extended form wins, else the first.
        ("filename=plain.pdf; filename*=utf-8''M%C3%BCller.pdf", "Müller.pdf"),
        ("filename*=utf-8''M%C3%BCller.pdf; filename=plain.pdf", "Müller.pdf"),
        ("filename=a.pdf; filename=b.pdf", "a.pdf"),
        ("filename=plain.pdf; filename*0*=utf-8''M%C3; filename*1*=%BCller.pdf", "Müller.pdf"),
        // The extended form without its asterisk.
        ("filename=UTF-8''K%C3%B6ln.pdf", "Köln.pdf"), ("filename=\"utf-8''K%C3%B6ln.pdf\"", "Köln.pdf"),
        ("filename=100%25.pdf", "100%25.pdf"), ("filename=\"a''b.pdf\"", "a''b.pdf"),
        ("filename=it''s%20.pdf", "it''s%20.pdf"),
    ])
    func `a file name by RFC 2231 is put together from its sections and decoded`(
        _ parameters: String, _ expected: String
    ) {
        #expect(ContentField("attachment; \(parameters)".utf8)["filename"] == expected)
    }

    @Test(arguments: [
        ("filename=\"=?utf-8?B?WmV1Z25pcyDDvGJlcg==?=\r\n =?utf-8?B?IEFyYmVpdC5wZGY=?=\"", "Zeugnis über Arbeit.pdf"),
        ("filename=\"=?UTF-8?Q?Lebenslauf_M=C3=BCller.pdf?=\"", "Lebenslauf Müller.pdf"),
        ("filename==?UTF-8?Q?Lebenslauf_M=C3=BCller.pdf?=", "Lebenslauf Müller.pdf"),
        ("filename==?UTF-8?Q?a;_b.pdf?=", "a; b.pdf"), ("filename=\"=?utf-8?Q?a?=\"\r\n \"=?utf-8?Q?b?=\"", "ab"),
        ("filename=\"=?utf-8?Q?a=0A=C3=BC.pdf?=\"", "a ü.pdf"), ("filename=\"Köln.pdf\"", "Köln.pdf"),
        ("filename=Köln.pdf", "Köln.pdf"),
        // Without quotation marks, with some, with too many.
        ("filename=CV;v2.pdf", "CV;v2.pdf"), ("filename=CV; v2; final.pdf; size=5", "CV; v2; final.pdf"),
        ("filename=CV;v2.pdf;", "CV;v2.pdf"), ("filename=My CV (2).pdf; size=5", "My CV (2).pdf"),
        ("filename=a;;;b.pdf", "a;;;b.pdf"),
        ("filename=\"CV;v2.pdf\"; size=5", "CV;v2.pdf"), ("filename=\"CV;v2.pdf; size=5", "CV;v2.pdf"),
        ("filename=cv.pdf\"", "cv.pdf"),
        ("filename=\"My \"best\" CV.pdf\"; size=5", "My \"best\" CV.pdf"),
        ("filename=\"a\\\"b\\\\c.pdf\"", "a\"b\\c.pdf"),
        ("filename=\"C:\\Users\\cv.pdf\"", "C:\\Users\\cv.pdf"), ("filename=\"f\\oo.pdf\"", "foo.pdf"),
        ("filename=\"a.pdf\" size=5", "a.pdf"), ("filename=\"a.pdf\" (mine)", "a.pdf"), ("FileName = a.pdf", "a.pdf"),
        ("filename=\"\"", ""), ("filename=", ""), ("filename=a=b.pdf", "a=b.pdf"),
        ("size=5; filename=\"a.pdf\"", "a.pdf"),
    ])
    func `a file name is read however it is written`(_ parameters: String, _ expected: String) {
        #expect(ContentField("attachment; \(parameters)".utf8)["filename"] == expected)
        #expect(ContentField("attachment; \(parameters)".utf8).value == "attachment")
    }

    @Test func `bytes beyond ASCII are in the body's charset`() {
        let field = Array("attachment; filename=\"".utf8) + [0xd2, 0xc5, 0xda] + Array(".pdf\"".utf8)
        #expect(ContentField(field, charset: "koi8-r")["filename"] == "рез.pdf")
        #expect(ContentField("a/b; x=y".utf8)["filename"] == nil)
    }

    @Test(arguments: ["a=\"b\"c; ", "a=(", "a=;;", "\"", " (", "a*0=x; ", "filename=a;;;b", ";", "=?", "a=\" "])
    func `the work grows with the field alone`(_ repeated: String) {
        let field = String(repeating: repeated, count: 200_000 / repeated.utf8.count)
        let duration = ContinuousClock().measure { _ = ContentField("a/b; filename=\(field)".utf8)["filename"] }
        #expect(duration < .seconds(20))
    }
}
