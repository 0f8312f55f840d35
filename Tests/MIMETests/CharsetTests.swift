import Foundation
import Testing

@testable import MIME

@Suite struct CharsetTests {
    @Test func `every label of the WHATWG Encoding Standard names its encoding`() throws {
        var count = 0
        for line in try Self.lines(of: "charset-labels") {
            let labels = line.split(separator: ":", maxSplits: 1).last?.split(separator: " ") ?? []
            let encodings = Set(labels.map { TextEncoding(label: String($0)) })
            #expect(encodings.count == 1 && !encodings.contains(nil), "\(line)")
            count += labels.count
        }
        #expect(count == 222)
    }

    @Test(
        arguments: [
            ("UTF8", .utf8), ("\"utf-8\"", .utf8), ("utf 8", .utf8), ("UTF_8", .utf8), ("utf8mb4", .utf8),
            ("cp1252", .windows1252), ("ISO8859_1", .windows1252), ("iso 8859-1", .windows1252), ("ANSI", .windows1252),
            ("win-1251", .singleByte("windows-1251")), ("windows1251", .singleByte("windows-1251")),
            ("CP-1250", .singleByte("windows-1250")), ("ibm866", .singleByte("ibm866")),
            ("iso-8859-8-e", .singleByte("iso-8859-8")), ("dos-874", .singleByte("windows-874")), ("cp932", .shiftJIS),
            ("MS932", .shiftJIS), ("cp936", .gb18030), ("euc-cn", .gb18030), ("ks-c-5601-1989", .eucKR),
            ("cp949", .eucKR),
            ("cp950", .big5), ("cp50221", .iso2022JP), ("iso-2022-kr", .iso2022KR), ("hz-gb-2312", .hz),
            ("utf-7", .other("UTF-7")), ("utf-32", .utf32(isBigEndian: false)), ("cp437", .other("CP437")),
            ("ibm850", .other("CP850")), ("utf-8; format=flowed", .utf8), ("iso-8859-1 (Latin)", .windows1252),
            ("charset=koi8-r", .singleByte("koi8-r")), ("'utf-8'", .utf8), ("cp20866", .singleByte("koi8-r")),
            ("eucgb2312_cn", .gb18030), ("big5_tw", .big5), ("mac_roman", .singleByte("macintosh")),
            ("x-mac-japanese", .shiftJIS), ("latin9", .singleByte("iso-8859-15")),
            ("cp1201", .utf16(isBigEndian: true)),
            ("x-unknown", nil), ("unknown-8bit", nil), ("", nil), ("8bit", nil),
            ("x-user-defined", .userDefined), ("replacement", nil), ("internal", nil), ("no-such-charset", nil),
        ] as [(String, TextEncoding?)])
    func `labels of mail programs are understood`(_ label: String, _ expected: TextEncoding?) {
        #expect(TextEncoding(label: label) == expected)
    }

    @Test func `characters are those of the standard's indexes`() throws {
        for line in try Self.lines(of: "charset-vectors") {
            let parts = line.split(separator: " ").map(String.init)
            // What is valid UTF-8 by chance would be UTF-8.
            let bytes = try #require(Data(hex: parts[1])) + [0x61, 0xff]
            let text = Array(Charset.decode(bytes, label: parts[0]).unicodeScalars)
            #expect(text.first?.value == UInt32(parts[2], radix: 16), "\(line)")
            #expect(text.count > 1 && text[1] == "a", "\(line)")
        }
    }

    @Test(arguments: [
        // The byte after a bad one is itself if it is ASCII, and part of the error if not.
        ("shift_jis", "8141 82 20 82a0 fd 82 0d", "、\u{FFFD} あ\u{FFFD}\u{FFFD}\r"),
        ("shift_jis", "b1 80 8740", "ｱ\u{80}①"),
        ("shift_jis", "8130 82a0", "\u{FFFD}0あ"), ("shift_jis", "82a0 82", "あ\u{FFFD}"),
        ("shift_jis", "85ad a1", "\u{FFFD}｡"),
        ("euc-jp", "a4a2 a4 0a ada1 8eb1 8fb0a1", "あ\u{FFFD}\n①ｱ丂"), ("euc-jp", "8f41 8fa1 41", "\u{FFFD}A\u{FFFD}A"),
        ("euc-jp", "a4a2 ff a4a2 8e", "あ\u{FFFD}あ\u{FFFD}"),
        ("big5", "adb1 ad31 a3e1 8862", "面\u{FFFD}1€Ê̄"), ("big5", "ad80 41 adb1 ad", "\u{FFFD}A面\u{FFFD}"),
        ("big5", "c6ff 41", "\u{FFFD}A"), ("euc-kr", "b8e9 b8 20 c1a2 ff", "면\u{FFFD} 접\u{FFFD}"),
        ("euc-kr", "8141", "갂"),
        ("gb2312", "c3e6 c3 0a e946 80", "面\u{FFFD}\n镕€"), ("gbk", "8130 8130 81 308130", "\u{80}\u{80}"),
        ("gb18030", "9439da33 a1 20 41 ff", "💩\u{FFFD} A\u{FFFD}"),
        ("gb18030", "8130 41 8130 81", "\u{FFFD}0A\u{FFFD}0\u{FFFD}"),
        ("iso-2022-kr", "1b242943 0e 3869 41 0f 41 0e 38690a 41", "면\u{FFFD}A면\nA"),
        ("hz", "7e7b 4366 7e7d 7e7e 41", "面~A"),
        ("koi8-u", "ae be", "ўЎ"), ("windows-1255", "fa 81 d9", "\u{5ea}\u{81}\u{FFFD}"),
        ("macintosh", "c6 20 8a", "∆ ä"),
        ("windows-1252", "81 8d 93 9d", "\u{81}\u{8d}“\u{9d}"), ("windows-874", "db 80 e2", "\u{FFFD}€โ"),
        ("x-user-defined", "41 80 ff", "A\u{f780}\u{f7ff}"),
    ])
    func `a bad sequence spoils nothing after it`(_ label: String, _ hex: String, _ expected: String) throws {
        #expect(Charset.decode(try #require(Data(hex: hex)), label: label) == expected)
    }

    @Test(arguments: [
        ("\u{1b}$BLL@\\\u{1b}(B", "面接"), ("\u{1b}$BLL@\\-!\u{1b}(B ok", "面接① ok"), ("\u{1b}$@LL@\\\u{1b}(J\\~", "面接¥‾"),
        ("\u{1b}(I12\u{1b}(B", "ｱｲ"), ("\u{e}12\u{f}A", "ｱｲA"), ("\u{1b}$(D0!\u{1b}(B", "丂"),
        ("\u{1b}&@\u{1b}$BLL\u{1b}(B", "面"),
        ("\u{1b}$B|q/!LL\u{1b}(B", "ⅰ\u{FFFD}面"), ("\u{1b}(B\u{1b}$B\u{1b}$BLL\u{1b}(B", "面"),
        // A line without the shift back, and a text shifted over a line end.
        ("\u{1b}$BLL\nok\n\u{1b}$BLL", "面\nok\n面"), ("\u{1b}$BLL\r\n@\\\u{1b}(Bok", "面\r\n接ok"),
        ("\u{1b}$BLL\nok", "面\nok"),
        // Half of a character, an unknown sequence, spaces.
        ("\u{1b}$BLL@\u{1b}(Bok", "面\u{FFFD}ok"), ("\u{1b}Zok", "\u{FFFD}Zok"), ("\u{1b}$BLL LL\u{1b}(B", "面 面"),
        ("\u{1b}", "\u{FFFD}"),
    ])
    func `ISO-2022-JP is read as it is sent`(_ text: String, _ expected: String) {
        #expect(Charset.decode(Array(text.utf8), label: "iso-2022-jp") == expected)
        // Without its label, or under that of ASCII.
        guard text.contains("\u{1b}$B"), !expected.contains("\u{FFFD}") else { return }
        for label in [nil, "us-ascii", "utf-8"] { #expect(Charset.decode(Array(text.utf8), label: label) == expected) }
    }

    @Test(arguments: [
        // Each line is what it is; a lone letter of windows-1252 is that letter; damaged UTF-8 stays UTF-8.
        (nil, "47 72 fc df 65 0a 47 72 c3bc c39f 65 0a 93 61 94", "Grüße\nGrüße\n“a”"),
        ("utf-8", "4a f6 72 67", "Jörg"),
        ("utf-8", "c3bc 20 4a f6 72 67", "ü Jörg"), ("us-ascii", "52 69 74 61 92 73 20 80", "Rita’s €"),
        ("iso-8859-1", "fc 0a c3bc", "ü\nü"), ("utf-8", "c3bc 20 e282 20 c3bc", "ü \u{FFFD} ü"),
        ("utf-8", "efbbbf c3bc", "ü"),
        ("utf-8", "c3bc 20 ff 20", "ü \u{FFFD} "), ("x-unknown", "fc", "ü"),
        (
            nil,
            "1b2442 4c4c 2f21 1b2842 0a"
                + String(repeating: "20", count: 60), "面\u{FFFD}\n" + String(repeating: " ", count: 60)
        ), (nil, "", ""),
        // UTF-8 under another label.
        ("iso-8859-1", "c3bc", "ü"), ("koi8-r", "c3bc e282ac", "ü€"), ("gb2312", "c3bc e4b8", "眉涓"),
        ("gb2312", "e99d a2e8 af95 20 e9", "闈㈣瘯 \u{FFFD}"),
        ("iso-2022-jp", "c3bc", "ü"), ("utf-16", "41 c3bc 41", "AüA"),
    ])
    func `text is what it plainly is`(_ label: String?, _ hex: String, _ expected: String) throws {
        #expect(Charset.decode(try #require(Data(hex: hex)), label: label) == expected)
    }

    @Test(arguments: [
        ("utf-16", "fffe 4100 fc00"), ("utf-16", "feff 0041 00fc"), ("utf-16le", "4100 fc00"),
        ("utf-16be", "0041 00fc"),
        ("utf-16", "0041 00fc"), ("utf-16", "4100 fc00"), ("utf-16be", "fffe 4100 fc00"),
        ("windows-1252", "fffe 4100 fc00"),
        ("utf-32", "fffe0000 41000000 fc000000"), ("utf-32", "00000041 000000fc"), ("utf-32be", "00000041 000000fc"),
        ("utf-7", "41 2b 41 50 77 2d"),
    ])
    func `Unicode in units is read in its order`(_ label: String, _ hex: String) throws {
        #expect(Charset.decode(try #require(Data(hex: hex)), label: label) == "Aü")
    }

    @Test(arguments: [
        ("<meta charset=koi8-r>", "koi8-r"), ("<META CHARSET = 'KOI8-R'>", "KOI8-R"),
        ("<meta charset=x><meta charset=l2>", "l2"),
        ("<style>/* charset */</style><meta charset=utf-8>", "utf-8"), ("<meta charset=no-such-charset>", nil),
        ("<meta charset=\"utf-16\">", "utf-8"),
        ("<meta http-equiv=Content-Type content=\"text/html; charset=big5\">", "big5"), ("<p>", nil),
        ("<meta charset='iso-8859-1:1987'/>", "iso-8859-1:1987"),
    ])
    func `the charset of a page is found in it`(_ page: String, _ expected: String?) {
        #expect(Charset.label(inHTML: Array(page.utf8)) == expected)
    }

    private static func lines(of name: String) throws -> [String] {
        let path = "\(Bundle.module.resourcePath!)/Fixtures/\(name).txt"
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map(String.init)
    }
}

extension Charset {
    fileprivate static func decode(_ data: Data, label: String?) -> String { decode(Array(data), label: label) }
}

extension Data {
    /// Digits with blanks between.
    fileprivate init?(hex: String) {
        let digits = hex.filter { $0 != " " }.compactMap { $0.hexDigitValue.map(UInt8.init) }
        guard digits.count.isMultiple(of: 2) else { return nil }
        self.init(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }
}
