import Core

/// The labels of the WHATWG Encoding Standard (section 4.2, "Names and labels"), all of them, and those that only mail
/// programs write. The labels that the standard gives to its replacement encoding are what they say in mail.
enum CharsetLabels {
    /// Labels without punctuation, in lower case.
    static let encodings: [String: TextEncoding] = {
        var encodings: [String: TextEncoding] = [:]
        func add(_ labels: String, _ encoding: TextEncoding) {
            for label in labels.split(whereSeparator: \.isWhitespace) { encodings[folded(label)] = encoding }
        }
        for (labels, encoding) in multiByte { add(labels, encoding) }
        for line in singleByte.split(separator: "\n") {
            let name = String(line.prefix { $0 != " " })
            add(String(line), .singleByte(name))
        }
        return encodings
    }()

    /// Letters and digits: `ISO_8859-1`, `iso8859-1` and `"iso 8859/1"` are one.
    static func folded(_ label: some StringProtocol) -> String {
        String(
            decoding: label.utf8.lazy.map(\.asciiLowercased).filter {
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
            }, as: UTF8.self)
    }

    /// What programs write that do not know the charset.
    static let unknown: Set = [
        "", "8bit", "7bit", "binary", "default", "none", "null", "replacement", "unknown", "unknown8bit", "unspecified",
        "userdefined", "xunknown",
    ]

    private static let multiByte: [(String, TextEncoding)] = [
        (
            """
            utf-8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf8 x-unicode20utf8 utf8mb4 cp65001 x-utf-8 \
            utf-8-sig utf-8n
            """, .utf8
        ),
        (
            """
            gbk chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 iso-ir-58 x-gbk cp936 euc-cn x-euc-cn \
            x-gb2312 cn-gb gb18030 gb_2312-1980 cp51936 cp54936 x-mac-chinesesimp \
            eucgb2312_cn
            """, .gb18030
        ),
        (
            """
            big5 big5-hkscs cn-big5 csbig5 x-x-big5 cp950 big5-eten x-big5 big5-2003 x-mac-chinesetrad big5_tw
            """, .big5
        ),
        (
            """
            euc-jp cseucpkdfmtjapanese x-euc-jp eucjp-ms eucjp-win ujis cp51932 cp20932 euc-jisx0213
            """, .eucJP
        ),
        (
            """
            iso-2022-jp csiso2022jp jis cp50220 cp50221 cp50222 iso-2022-jp-ms iso-2022-jp-1 jis_encoding \
            csjisencoding x-jis
            """, .iso2022JP
        ),
        (
            """
            shift_jis csshiftjis ms932 ms_kanji shift-jis sjis windows-31j x-sjis cp932 cp943 sjis-win shift_jis-2004 \
            pck x-mac-japanese shift_jisx0213
            """, .shiftJIS
        ),
        (
            """
            euc-kr cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949 \
            cp949 uhc cp51949 ks_c_5601 ks_c_5861-1992 x-mac-korean cp20949
            """, .eucKR
        ),
        ("utf-16 utf-16le csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff cp1200", .utf16(isBigEndian: false)),
        ("utf-16be unicodefffe ucs-2be cp1201", .utf16(isBigEndian: true)),
        ("utf-32 utf-32le ucs-4 ucs-4le iso-10646-ucs-4 csucs4", .utf32(isBigEndian: false)),
        ("utf-32be ucs-4be", .utf32(isBigEndian: true)),
        ("x-user-defined", .userDefined),
        ("iso-2022-kr csiso2022kr cp50225", .iso2022KR), ("hz-gb-2312 hz cp52936", .hz),
        ("utf-7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 csunicode11utf7 cp65000", .other("UTF-7")),
        ("iso-2022-cn iso-2022-cn-ext cp50227", .other("ISO-2022-CN-EXT")),
        ("iso-2022-jp-2 csiso2022jp2", .other("ISO-2022-JP-2")),
        ("iso-2022-jp-3 iso-2022-jp-2004", .other("ISO-2022-JP-3")),
        ("euc-tw x-euc-tw cns11643", .other("EUC-TW")), ("johab ks_c_5601-1992 cp1361", .other("JOHAB")),
        ("viscii csviscii", .other("VISCII")), ("tcvn tcvn-5712", .other("TCVN")), ("armscii-8", .other("ARMSCII-8")),
        ("georgian-ps", .other("GEORGIAN-PS")), ("koi8-t", .other("KOI8-T")), ("pt154 ptcp154", .other("PT154")),
        ("mac-centraleurope x-mac-ce x-mac-centraleurroman", .other("MAC-CENTRALEUROPE")),
        ("x-mac-icelandic", .other("MAC-IS")), ("hp-roman8 roman8", .other("HP-ROMAN8")),
    ]

    private static let singleByte = """
        ibm866 866 cp866 csibm866
        iso-8859-2 csisolatin2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2
        iso-8859-3 csisolatin3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3
        iso-8859-4 csisolatin4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4
        iso-8859-5 csisolatincyrillic cyrillic iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988
        iso-8859-6 arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e iso-8859-6-i \
        iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987
        iso-8859-7 csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso8859-7 iso88597 iso_8859-7 \
        iso_8859-7:1987 sun_eu_greek
        iso-8859-8 csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 \
        iso_8859-8:1988 visual csiso88598i iso-8859-8-i logical
        iso-8859-10 csisolatin6 iso-ir-157 iso8859-10 iso885910 l6 latin6
        iso-8859-13 iso8859-13 iso885913
        iso-8859-14 iso8859-14 iso885914
        iso-8859-15 csisolatin9 iso8859-15 iso885915 iso_8859-15 l9 latin9 latin0
        iso-8859-16 l10 latin10
        koi8-r cskoi8r koi koi8 koi8_r cp20866
        koi8-u koi8-ru cp21866
        macintosh csmacintosh mac x-mac-roman mac-roman macroman
        windows-874 dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 cp874
        windows-1250 cp1250 x-cp1250
        windows-1251 cp1251 x-cp1251 ansi-1251
        windows-1252 ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 \
        iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii x-cp1252 ansi cp367 iso646-us iso-646 iso_646.irv:1991 x-ascii \
        x-us-ascii cp20127
        windows-1253 cp1253 x-cp1253
        windows-1254 cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 \
        x-cp1254
        windows-1255 cp1255 x-cp1255
        windows-1256 cp1256 x-cp1256
        windows-1257 cp1257 x-cp1257
        windows-1258 cp1258 x-cp1258
        x-mac-cyrillic x-mac-ukrainian x-mac-ukraine mac-cyrillic
        """
}
