import Core

/// How the bytes of a charset become characters: an encoding of the WHATWG Encoding Standard, or one that mail has
/// besides.
enum TextEncoding: Hashable, Sendable {
    case utf8
    /// A name of the standard.
    case singleByte(String)
    /// GBK and GB 2312 are subsets.
    case gb18030
    case big5, eucJP, iso2022JP, shiftJIS, eucKR
    /// The order is that of text without a byte order mark.
    case utf16(isBigEndian: Bool)
    case utf32(isBigEndian: Bool)
    case userDefined
    /// RFC 1557 and RFC 1843.
    case iso2022KR, hz
    /// Left to iconv under that name.
    case other(String)

    static let windows1252 = singleByte("windows-1252")

    /// Nil if the label says nothing, or nothing that is known. What stands around it does not count: `utf-8;`,
    /// `iso-8859-1 (Latin)` and `charset=utf-8`.
    init?(label: String) {
        guard label.utf8.count <= 60 else { return nil }
        let words = label.split(whereSeparator: { " ;,()='\"".contains($0) })
        guard let encoding = Self.named(label) ?? words.lazy.compactMap({ Self.named($0) }).first else { return nil }
        self = encoding
    }

    private static func named(_ label: some StringProtocol) -> TextEncoding? {
        let folded = CharsetLabels.folded(label)
        guard !CharsetLabels.unknown.contains(folded) else { return nil }
        return CharsetLabels.encodings[folded] ?? codePage(folded)
    }

    /// `win-1251`, `ms932`, `ibm850` and `cp437`: a number of Microsoft's or IBM's.
    private static func codePage(_ folded: String) -> TextEncoding? {
        let digits = folded.drop { !$0.isNumber }
        guard 3...5 ~= digits.utf8.count, digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            ["cp", "xcp", "ibm", "csibm", "ms", "xms", "mscp", "xmscp", "win", "windows", "xwindows", "codepage", ""]
                .contains(folded.dropLast(digits.count))
        else { return nil }
        if let encoding = CharsetLabels.encodings["cp\(digits)"] ?? CharsetLabels.encodings["windows\(digits)"] {
            return encoding
        }
        return Iconv(from: "CP\(digits)") == nil ? nil : .other("CP\(digits)")
    }

    /// Whether ASCII text is itself in it, without shifts.
    var isASCIICompatible: Bool {
        switch self {
        case .utf8, .singleByte, .gb18030, .big5, .eucJP, .shiftJIS, .eucKR, .userDefined: true
        case .iso2022JP, .iso2022KR, .hz, .utf16, .utf32, .other: false
        }
    }

    /// Whether bytes beyond ASCII that are valid UTF-8 are UTF-8: in a single-byte set any bytes are text, and a set of
    /// seven bits has none.
    var yieldsToUTF8: Bool {
        switch self {
        case .utf8, .singleByte, .userDefined, .iso2022JP, .iso2022KR, .hz: true
        case .other(let name): name.hasPrefix("CP") || name.hasPrefix("MAC") || name == "UTF-7"
        default: false
        }
    }
}
