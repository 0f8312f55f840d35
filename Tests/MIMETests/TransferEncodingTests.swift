import Testing

@testable import MIME

@Suite struct TransferEncodingTests {
    @Test(
        arguments: [
            ("base64", .base64), ("BASE64", .base64), (" base64 \r\n", .base64), ("\"base64\"", .base64),
            ("base64 (really)", .base64), ("(a (b)) base64", .base64), ("base64;", .base64),
            ("base64; charset=utf-8", .base64),
            ("quoted-printable", .quotedPrintable), ("\"quoted-printable\"", .quotedPrintable),
            ("quoted/printable", .quotedPrintable), ("Quoted Printable", .quotedPrintable),
            ("quoted_printable", .quotedPrintable),
            ("7bit", .identity), ("8 bit", .identity), ("binary", .identity), ("utf-8", .identity), ("", .identity),
            ("x-uuencode", .uuencode), ("uuencode", .uuencode), ("x-uue", .uuencode), ("(base64)", .identity),
        ] as [(String, TransferEncoding)])
    func `the field is read however it is written`(_ field: String, _ expected: TransferEncoding) {
        #expect(TransferEncoding(field.utf8) == expected)
    }

    @Test(arguments: [
        // Soft breaks with blanks behind, at the end, with bare line feeds; blanks that transport added.
        ("a=\r\nb", "ab"), ("a= \t\r\nb", "ab"), ("a=\nb", "ab"), ("a=", "a"), ("a \t\r\nb", "a\r\nb"),
        ("a=20\r\nb", "a \r\nb"),
        ("=C3=BC=c3=bc", "üü"), ("a=3D=3d", "a=="), ("1=2 =ZZ =4", "1=2 =ZZ =4"), ("a=C3\r\n", "a\u{FFFD}\r\n"),
        ("ü", "ü"),
        ("a==3D", "a=="), ("", ""), ("\r\n\r\n", "\r\n\r\n"),
    ])
    func `quoted-printable is decoded, and what is no escape stays`(_ text: String, _ expected: String) {
        #expect(decoded(text, .quotedPrintable) == expected)
    }

    @Test(arguments: [
        ("VGh1cnNkYXkgaXMgZmluZSwgSm9lcmc", "Thursday is fine, Joerg"), ("YQ====", "a"), ("Y\r\nQ\r\n=\r\n=\r\n", "a"),
        (
            """
            VGh1cnNkYXkgaXMgZmluZS4NCg==\r
            QnV0IEkgbXVzdCB3aXRoZHJhdzogSSB0b29rIGFub3RoZXIgb2ZmZXIuDQo=\r
            Sm9lcmcNCg==\r

            """,
            "Thursday is fine.\r\nBut I must withdraw: I took another offer.\r\nJoerg\r\n"
        ),
        (
            "PHA+VGh1cnNkYXkgaXMgZmluZS48L3A+\r\nPHA+UC5TLiBzYWxhcnkgNDcxMTwvcD4=",
            "<p>Thursday is fine.</p><p>P.S. salary 4711</p>"
        ),
        // One text after another in one line, with padding; in lines, without.
        ("SGVsbG8=IHdvcmxk", "Hello world"), ("YQ==Yg==Yw==", "abc"),
        (
            """
            VGh1cnNkYXkgaXMgZmluZS4NCg\r
            QnV0IEkgbXVzdCB3aXRoZHJhdzogSSB0b29rIGFub3RoZXIgb2ZmZXIuDQo\r
            Sm9lcmcNCg\r

            """,
            "Thursday is fine.\r\nBut I must withdraw: I took another offer.\r\nJoerg\r\n"
        ),
        // Lines that break within a quantum.
        ("VGh1cnNkYX\r\nkgaXMgZmlu\r\nZSwgSm9lcm\r\nc=\r\n", "Thursday is fine, Joerg"),
        // Noise.
        ("SGVsbG8g!!d29y\r\nbGQ*\r\n", "Hello world"), ("VGh1cnNk YXkgaXMgZmluZS4=", "Thursday is fine."),
        (
            "VGh1cnNkYXkgaXMgZmluZSwgSm9lcmcuIFRodXJzZGF5 IGlzIGZpbmUsIEpvZXJnLg==",
            "Thursday is fine, Joerg. Thursday is fine, Joerg."
        ),
    ])
    func `base64 goes on after padding, and needs none`(_ text: String, _ expected: String) {
        #expect(decoded(text, .base64) == expected)
    }

    @Test(arguments: [
        (
            """
            VGh1cnNkYXkgaXMgZmluZS4NCg==\r
            \r
            -- \r
            mailing list footer in clear\r
            Rita\r
            https://lists.home.example/\r

            """,
            "Thursday is fine.\r\n-- \r\nmailing list footer in clear\r\nRita\r\nhttps://lists.home.example/\r\n"
        ),
        (
            """
            VGh1cnNkYXkgaXMgZmluZS4\r
            _______________________________________________\r
            Jobs mailing list\r
            \r
            jobs@home.example\r

            """,
            """
            Thursday is fine.\r
            _______________________________________________\r
            Jobs mailing list\r
            \r
            jobs@home.example\r

            """
        ),
        (
            "This message comes from outside.\r\n\r\nVGh1cnNkYXkgaXMgZmluZS4NCg==\r\n",
            "This message comes from outside.\r\n\r\nThursday is fine.\r\n"
        ),
        (
            "Dear Rita,\r\n\r\nnothing here is encoded.\r\n\r\nJoerg\r\n",
            "Dear Rita,\r\n\r\nnothing here is encoded.\r\n\r\nJoerg\r\n"
        ),
        (
            "YQ==\r\nhttps://home.example/\(String(repeating: "Ab1", count: 60))\r\n",
            "a\r\nhttps://home.example/\(String(repeating: "Ab1", count: 60))\r\n"
        ),
    ])
    func `text in clear beside base64 stays`(_ text: String, _ expected: String) {
        #expect(decoded(text, .base64) == expected)
    }

    @Test func `a file has no text in clear`() {
        let file = TransferEncoding.base64.decode(
            Array("JVBERi0=\r\n-- \r\nJoin our list!\r\n".utf8)[...], isText: false)
        #expect(file.starts(with: "%PDF-".utf8))
        #expect(
            TransferEncoding.base64.decode(Array("JVBERi0xLjQgZmlyc3Q=\r\nc2Vjb25k".utf8)[...], isText: false).count
                == 20)
    }

    @Test(arguments: [
        ("begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n", "Cat"), ("begin 644 a\n#0V%T\n \nend\n", "Cat"),
        ("See:\nbegin 644 a\n#0V%T\n`\nend\nBye\n", "See:\nCatBye\n"),
        ("begin-base64 644 a\nQ2F0\n====\n", "Cat"), ("begin to read\n", "begin to read\n"),
        ("begin 644 a\n#0V%T", "Cat"),
        ("begin 644 a\n!80\nend", "a"),
    ])
    func `uuencoded text is decoded`(_ text: String, _ expected: String) {
        #expect(decoded(text, .uuencode) == expected)
    }

    private func decoded(_ text: String, _ encoding: TransferEncoding) -> String {
        String(decoding: encoding.decode(Array(text.utf8)[...]), as: UTF8.self)
    }
}
