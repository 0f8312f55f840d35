import Testing

@testable import MIME

@Suite struct HeaderTextTests {
    @Test(arguments: [
        // RFC 2047 section 8.
        ("=?ISO-8859-1?Q?a?=", "a"), ("=?ISO-8859-1?Q?a?= b", "a b"), ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
        ("=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"), ("=?ISO-8859-1?Q?a?=\r\n   =?ISO-8859-1?Q?b?=", "ab"),
        ("=?ISO-8859-1?Q?a_b?=", "a b"), ("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"),
        (
            """
            =?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r
             =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=
            """,
            "If you can read this you understand the example."
        ),
        // Blanks beside text are kept, a tab is a blank.
        ("Re:  =?utf-8?Q?a?=  b", "Re:  a  b"), ("a\r\n\tb", "a b"), ("\t a\tb \r\n", "a b"),
        ("=?utf-8?Q?a?=\t=?utf-8?B?Yg==?=", "ab"),
        // Words that touch text, stand in quotation marks or brackets, or one after another.
        ("Re:=?utf-8?Q?=C3=BC?=x", "Re:üx"), ("\"=?utf-8?Q?=C3=BC?=\"", "\"ü\""), ("[=?utf-8?B?SsO2cmc?=]", "[Jörg]"),
        ("=?UTF-8?Q?Gr=C3=BC=C3=9Fe?==?UTF-8?Q?_aus_K=C3=B6ln?=", "Grüße aus Köln"),
        ("=?utf-8?Q?a?=,=?utf-8?Q?b?=", "a,b"),
    ])
    func `words and the blanks around them read as in RFC 2047`(_ value: String, _ expected: String) {
        #expect(HeaderText.decode(value.utf8) == expected)
    }

    @Test(arguments: [
        // Padding in words, too much, too little, and within.
        ("=?UTF-8?B?Vm9yc3RlbGx1bmc=?=\r\n =?UTF-8?B?IGFtIERvbm5lcnN0YWc=?=", "Vorstellung am Donnerstag"),
        ("=?UTF-8?B?Vm9yc3RlbGx1bg==?= =?UTF-8?B?Z3NnZXNwcsOkY2g?=", "Vorstellungsgespräch"),
        ("=?utf-8?B?SsO2?= =?utf-8?Q?rg?=", "Jörg"), ("=?utf-8?b?YQ==YmM=?=", "abc"), ("=?utf-8?b?YQ====?=", "a"),
        ("=?utf-8?b?YQ?= =?utf-8?b?Yg=?= =?utf-8?b?Yw==?=", "abc"),
        // Blanks and line breaks within words, raw question marks, lower-case escapes, a language.
        ("=?utf-8?Q?a b?=", "a b"), ("=?utf-8?B?SsO2 cmc=?=", "Jörg"), ("=?utf-8?Q?K=c3=b6ln?=", "Köln"),
        ("=?utf-8?B?SsO2\r\n cmc=?=", "Jörg"), ("=?utf-8?Q?Really??=", "Really?"), ("=?utf-8?Q?a?b?=", "a?b"),
        ("=?utf-8*de-CH?Q?K=C3=B6ln?=", "Köln"), ("=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore"),
        ("=?utf-8?Q?100=25=ZZ=?=", "100%=ZZ="), ("=?utf-8?q??=", ""),
        // The escape of a letter in two words; a long word; adjacent words of one charset under two labels.
        ("=?UTF-8?Q?Vorstellungsgespr=C3?= =?UTF-8?Q?=A4ch?=", "Vorstellungsgespräch"),
        ("=?utf-8?Q?\(String(repeating: "=C3=BC", count: 100))?=", String(repeating: "ü", count: 100)),
        ("=?UTF-8?B?w?= =?utf-8?Q?x?=", "x"),
        // What is no word.
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="), ("=?utf-8?Q?abc", "=?utf-8?Q?abc"),
        ("=? is? q? this?=", "=? is? q? this?="),
        ("=?utf-8?Q?a =?utf-8?Q?b?=", "=?utf-8?Q?a b"), ("a=?b", "a=?b"), ("=?=?=?=?", "=?=?=?=?"),
    ])
    func `words that senders write otherwise lose nothing`(_ value: String, _ expected: String) {
        #expect(HeaderText.decode(value.utf8) == expected)
    }

    @Test(arguments: [
        ("=?utf-8?Q?a=0D=0Ab?=", "a b"), ("=?utf-8?B?YQpi?=", "a b"), ("=?utf-8?Q?a=E2=80=A8b?=", "a b"),
        ("=?iso-8859-1?Q?a=0Bb=0Cc?=", "a b c"), ("a\nb\rc", "a b c"), ("=?utf-8?Q?a=00b=C2=85c?=", "a b c"),
    ])
    func `a field is one line, whatever its words hold`(_ value: String, _ expected: String) {
        #expect(HeaderText.decode(value.utf8) == expected)
    }

    @Test(
        arguments: [
            (Array("Grüße".utf8), "koi8-r", "Grüße"), ([0x47, 0x72, 0xfc, 0xdf, 0x65], nil, "Grüße"),
            ([0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4], "koi8-r", "Привет"),
            ([0x82, 0x73], nil, "‚s"), ([0xc3, 0xe6, 0xca, 0xd4], "gb2312", "面试"),
            ([0xfc] + Array(" =?utf-8?Q?=C3=BC?= ".utf8) + [0xfc], "us-ascii", "ü ü ü"),
            ([0x1b, 0x24, 0x42, 0x4c, 0x4c, 0x40, 0x5c, 0x1b, 0x28, 0x42], nil, "面接"),
        ] as [([UInt8], String?, String)])
    func `bytes without a charset are UTF-8, or of the body's charset, or windows-1252`(
        _ value: [UInt8], _ charset: String?, _ expected: String
    ) {
        #expect(HeaderText.decode(value, charset: charset) == expected)
    }
}
