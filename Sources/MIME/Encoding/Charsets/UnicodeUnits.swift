/// Text in code units of two or four bytes, and the standard's encoding that has a private character for each byte.
enum UnicodeUnits {
    /// A byte order mark counts more than the label. Text without zero bytes that is UTF-8 was converted, and its label
    /// left.
    static func utf16(_ bytes: [UInt8], isBigEndian: Bool) -> DecodedText {
        var text = DecodedText(capacity: bytes.count)
        if !bytes.contains(0), let utf8 = String(validating: bytes, as: UTF8.self) {
            text.append(utf8: utf8.utf8)
        } else {
            text.append(utf8: decodeUTF16(bytes, isBigEndian: isBigEndian || isASCIIInBigEndian(bytes)).utf8)
        }
        return text
    }

    static func decodeUTF16(_ bytes: [UInt8], isBigEndian: Bool) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2 + 1)
        var position = 0
        while position + 1 < bytes.count {
            let (first, second) = (UInt16(bytes[position]), UInt16(bytes[position + 1]))
            units.append(isBigEndian ? first << 8 | second : second << 8 | first)
            position += 2
        }
        if position < bytes.count { units.append(0xfffd) }
        if units.first == 0xfeff { units.removeFirst() }
        return String(decoding: units, as: UTF16.self)
    }

    /// RFC 2781 section 4.3 has text without a mark in big-endian order, the standard in little-endian. Both are sent:
    /// letters of ASCII tell.
    private static func isASCIIInBigEndian(_ bytes: [UInt8]) -> Bool {
        var (even, odd) = (0, 0)
        for (index, byte) in bytes.prefix(2_000).enumerated() where byte == 0 {
            if index.isMultiple(of: 2) { even += 1 } else { odd += 1 }
        }
        return even > odd
    }

    static func utf32(_ bytes: [UInt8], isBigEndian: Bool) -> DecodedText {
        var text = DecodedText(capacity: bytes.count)
        var isBigEndian = isBigEndian
        var position = 0
        if bytes.starts(with: [0, 0, 0xfe, 0xff]) || bytes.starts(with: [0xff, 0xfe, 0, 0]) {
            isBigEndian = bytes[0] == 0
            position = 4
        } else if bytes.count >= 4, bytes[0] == 0, bytes[3] != 0 {
            isBigEndian = true
        }
        while position + 3 < bytes.count {
            let unit = bytes[position..<position + 4]
            let codePoint = (isBigEndian ? Array(unit) : unit.reversed()).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            text.append(Unicode.Scalar(codePoint)?.value ?? CodePointTable.none)
            position += 4
        }
        if position < bytes.count { text.appendError() }
        return text
    }

    static func userDefined(_ bytes: [UInt8]) -> DecodedText {
        var text = DecodedText(capacity: bytes.count)
        for byte in bytes { text.append(byte < 0x80 ? UInt32(byte) : 0xf780 + UInt32(byte) - 0x80) }
        return text
    }
}
