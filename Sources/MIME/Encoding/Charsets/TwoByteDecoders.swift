/// Decoders of charsets of one and two bytes, by the WHATWG Encoding Standard (sections 10 to 13): an ASCII byte in the
/// place of a second byte is itself, whatever the first was.
enum TwoByteDecoders {
    /// Section 12.3, with Microsoft's and IBM's rows.
    static func shiftJIS(_ bytes: [UInt8]) -> DecodedText {
        let table = CodePointTable.jis0208
        return decode(bytes) { lead, trail in
            guard 0x40...0x7e ~= trail || 0x80...0xfc ~= trail else { return CodePointTable.none }
            return table[(Int(lead) - (lead < 0xa0 ? 0x81 : 0xc1)) * 188 + Int(trail) - (trail < 0x7f ? 0x40 : 0x41)]
        } single: { byte in
            switch byte {
            case 0x80: 0x80
            case 0xa1...0xdf: 0xff61 + UInt32(byte) - 0xa1
            case 0x81...0x9f, 0xe0...0xfc: nil
            default: CodePointTable.none
            }
        }
    }

    /// Section 13.1: Microsoft's unified Hangul.
    static func eucKR(_ bytes: [UInt8]) -> DecodedText {
        let table = CodePointTable.eucKR
        return decode(bytes) { lead, trail in
            0x41...0xfe ~= trail ? table[(Int(lead) - 0x81) * 190 + Int(trail) - 0x41] : CodePointTable.none
        } single: {
            0x81...0xfe ~= $0 ? nil : CodePointTable.none
        }
    }

    /// Section 12.1, with JIS X 0212.
    static func eucJP(_ bytes: [UInt8]) -> DecodedText {
        let table = CodePointTable.jis0208
        var text = DecodedText(capacity: bytes.count)
        var position = 0
        while position < bytes.count {
            let lead = bytes[position]
            position += 1
            guard lead >= 0x80 else {
                text.append(ascii: lead)
                continue
            }
            guard lead == 0x8e || lead == 0x8f || 0xa1...0xfe ~= lead, position < bytes.count else {
                text.appendError()
                continue
            }
            let second = bytes[position]
            if lead == 0x8f, 0xa1...0xfe ~= second, position + 1 < bytes.count {
                let third = bytes[position + 1]
                let isPair = 0xa1...0xfe ~= third
                text.append(
                    isPair ? CodePointTable.jis0212[Self.pointer(second, third)] : CodePointTable.none)
                position += third < 0x80 ? 1 : 2
                continue
            }
            if lead == 0x8e, 0xa1...0xdf ~= second {
                text.append(0xff61 + UInt32(second) - 0xa1)
            } else if lead >= 0xa1, 0xa1...0xfe ~= second {
                text.append(table[Self.pointer(lead, second)])
            } else {
                text.appendError()
            }
            if second >= 0x80 { position += 1 }
        }
        return text
    }

    /// Section 11.1, with HKSCS.
    static func big5(_ bytes: [UInt8]) -> DecodedText {
        let table = CodePointTable.big5
        var text = DecodedText(capacity: bytes.count)
        var position = 0
        while position < bytes.count {
            let lead = bytes[position]
            position += 1
            guard lead >= 0x80 else {
                text.append(ascii: lead)
                continue
            }
            guard 0x81...0xfe ~= lead, position < bytes.count else {
                text.appendError()
                continue
            }
            let trail = bytes[position]
            guard 0x40...0x7e ~= trail || 0xa1...0xfe ~= trail else {
                text.appendError()
                if trail >= 0x80 { position += 1 }
                continue
            }
            let pointer = (Int(lead) - 0x81) * 157 + Int(trail) - (trail < 0x7f ? 0x40 : 0x62)
            if let (letter, mark) = combined[pointer] {
                text.append(letter)
                text.append(mark)
                position += 1
            } else {
                let codePoint = table[pointer]
                text.append(codePoint)
                if codePoint != CodePointTable.none || trail >= 0x80 { position += 1 }
            }
        }
        return text
    }

    /// Letters with two accents.
    private static let combined: [Int: (UInt32, UInt32)] = [
        1133: (0xca, 0x304), 1135: (0xca, 0x30c), 1164: (0xea, 0x304), 1166: (0xea, 0x30c),
    ]

    /// In rows of 94.
    @inline(__always)
    static func pointer(_ lead: UInt8, _ trail: UInt8) -> Int { (Int(lead) - 0xa1) * 94 + Int(trail) - 0xa1 }

    /// `single`: the code point of a byte beyond ASCII; nil for the first of two.
    @inline(__always)
    private static func decode(
        _ bytes: [UInt8], pair: (_ lead: UInt8, _ trail: UInt8) -> UInt32, single: (UInt8) -> UInt32?
    ) -> DecodedText {
        var text = DecodedText(capacity: bytes.count)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte < 0x80 {
                text.append(ascii: byte)
            } else if let codePoint = single(byte) {
                text.append(codePoint)
            } else if position < bytes.count {
                let trail = bytes[position]
                let codePoint = pair(byte, trail)
                text.append(codePoint)
                if codePoint != CodePointTable.none || trail >= 0x80 { position += 1 }
            } else {
                text.appendError()
            }
        }
        return text
    }
}
