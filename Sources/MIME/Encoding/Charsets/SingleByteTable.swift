import Synchronization

/// The upper halves of single-byte charsets (WHATWG Encoding Standard, section 9). From glibc's iconv, once for each
/// charset; a byte without a character is a control character below A0, and none above.
struct SingleByteTable: Sendable {
    private let upperHalf: [UInt32]

    /// By a name of the standard.
    static func named(_ name: String) -> SingleByteTable {
        cache.withLock { tables in
            if let table = tables[name] { return table }
            let table = SingleByteTable(name)
            tables[name] = table
            return table
        }
    }

    func decode(_ bytes: some Collection<UInt8>) -> String {
        var text = DecodedText(capacity: bytes.count)
        for byte in bytes {
            if byte < 0x80 { text.append(ascii: byte) } else { text.append(upperHalf[Int(byte - 0x80)]) }
        }
        return text.string
    }

    /// What most text falls back to, made without iconv.
    static let windows1252 = SingleByteTable(
        upperHalf: "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ".unicodeScalars.map(\.value)
            + (0xa0...0xff))

    private static let cache = Mutex<[String: SingleByteTable]>(["windows-1252": windows1252])

    private init(upperHalf: [UInt32]) { self.upperHalf = upperHalf }

    private init(_ name: String) {
        let iconv = Iconv(from: Self.iconvNames[name] ?? name, to: "UTF-32LE")
        var upperHalf: [UInt32] = []
        for byte in UInt8(0x80)...0xff {
            let codePoint = iconv?.codePoint(of: [byte]) ?? (byte < 0xa0 ? UInt32(byte) : CodePointTable.none)
            upperHalf.append(codePoint)
        }
        for (byte, codePoint) in Self.differences[name] ?? [] { upperHalf[byte - 0x80] = codePoint }
        self.upperHalf = upperHalf
    }

    private static let iconvNames = [
        "ibm866": "CP866", "x-mac-cyrillic": "MAC-UK", "windows-874": "CP874", "windows-1250": "CP1250",
        "windows-1251": "CP1251", "windows-1253": "CP1253", "windows-1254": "CP1254", "windows-1255": "CP1255",
        "windows-1256": "CP1256", "windows-1257": "CP1257", "windows-1258": "CP1258",
    ]

    /// Where the standard is not as glibc.
    private static let differences: [String: [(Int, UInt32)]] = [
        "koi8-u": [(0xae, 0x45e), (0xbe, 0x40e)], "macintosh": [(0xc6, 0x2206), (0xf0, 0xf8ff)],
        "windows-1255": [(0xca, 0x5ba)], "x-mac-cyrillic": [(0xff, 0x20ac)],
    ]
}
