/// GB 18030 with its subsets GBK and GB 2312 (WHATWG Encoding Standard, section 10.2.1): one, two or four bytes.
enum GB18030Decoder {
    static func decode(_ bytes: [UInt8]) -> DecodedText {
        let table = CodePointTable.gb18030
        var text = DecodedText(capacity: bytes.count)
        var position = 0
        while position < bytes.count {
            let lead = bytes[position]
            position += 1
            if lead < 0x80 {
                text.append(ascii: lead)
                continue
            }
            if lead == 0x80 {
                text.append(0x20ac)
                continue
            }
            guard lead != 0xff, position < bytes.count else {
                text.appendError()
                continue
            }
            let second = bytes[position]
            if 0x30...0x39 ~= second {
                // If it is no character of four bytes, the digit is itself.
                guard position + 2 < bytes.count, 0x81...0xfe ~= bytes[position + 1], 0x30...0x39 ~= bytes[position + 2]
                else {
                    text.appendError()
                    continue
                }
                text.append(codePoint(lead, second, bytes[position + 1], bytes[position + 2]))
                position += 3
                continue
            }
            guard 0x40...0x7e ~= second || 0x80...0xfe ~= second else {
                text.appendError()
                if second >= 0x80 { position += 1 }
                continue
            }
            let codePoint = table[(Int(lead) - 0x81) * 190 + Int(second) - (second < 0x7f ? 0x40 : 0x41)]
            text.append(codePoint)
            if codePoint != CodePointTable.none || second >= 0x80 { position += 1 }
        }
        return text
    }

    private static func codePoint(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) -> UInt32 {
        let pointer =
            ((Int(first) - 0x81) * 10 + Int(second) - 0x30) * 1_260 + (Int(third) - 0x81) * 10 + Int(fourth) - 0x30
        switch pointer {
        case 0..<39_420: return CodePointTable.gb18030Ranges[pointer]
        case 189_000...1_237_575: return UInt32(pointer - 189_000 + 0x1_0000)
        default: return CodePointTable.none
        }
    }
}
