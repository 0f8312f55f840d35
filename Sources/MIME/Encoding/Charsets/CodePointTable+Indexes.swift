extension CodePointTable {
    /// Rows of 188 in the order of Shift_JIS, with the rows of NEC and IBM; the first 8,836 are rows of 94 too.
    static let jis0208 = CodePointTable(charset: "CP932", count: 60 * 188) { pointer in
        let (lead, trail) = pointer.quotientAndRemainder(dividingBy: 188)
        return [UInt8(lead + (lead < 0x1f ? 0x81 : 0xc1)), UInt8(trail + (trail < 0x3f ? 0x40 : 0x41))]
    }

    static let jis0212 = CodePointTable(charset: "EUC-JP", count: 94 * 94) { pointer in
        [0x8f, UInt8(pointer / 94 + 0xa1), UInt8(pointer % 94 + 0xa1)]
    }

    static let eucKR = CodePointTable(charset: "CP949", count: 126 * 190) { pointer in
        [UInt8(pointer / 190 + 0x81), UInt8(pointer % 190 + 0x41)]
    }

    /// Of two bytes. Six private characters of the standard are what GB 18030 later made of them.
    static let gb18030 = {
        var table = CodePointTable(charset: "GB18030", count: 126 * 190) { pointer in
            let (lead, trail) = pointer.quotientAndRemainder(dividingBy: 190)
            return [UInt8(lead + 0x81), UInt8(trail + (trail < 0x3f ? 0x40 : 0x41))]
        }
        // A3A0: an ideographic space, which the standard has for what is sent.
        table.set(34 * 190 + 95, to: 0x3000)
        return table
    }()

    /// Of four bytes, in the Basic Multilingual Plane.
    static let gb18030Ranges = {
        var table = CodePointTable(charset: "GB18030", count: 39_420) { pointer in
            [
                UInt8(pointer / 12_600 + 0x81), UInt8(pointer / 1_260 % 10 + 0x30), UInt8(pointer / 10 % 126 + 0x81),
                UInt8(pointer % 10 + 0x30),
            ]
        }
        // Characters that glibc has in two bytes alone.
        for offset in 0..<8 { table.set(19_057 + offset, to: 0x9fb4 + UInt32(offset)) }
        for offset in 0..<10 { table.set(39_076 + offset, to: 0xfe10 + UInt32(offset)) }
        return table
    }()

    /// HKSCS, and rows A1 to A3 of Microsoft's Big5, which have the euro sign.
    static let big5 = {
        func bytes(_ pointer: Int) -> [UInt8] {
            let (lead, trail) = pointer.quotientAndRemainder(dividingBy: 157)
            return [UInt8(lead + 0x81), UInt8(trail + (trail < 0x3f ? 0x40 : 0x62))]
        }
        var table = CodePointTable(charset: "BIG5-HKSCS", count: 126 * 157, bytes: bytes)
        table.fill(from: "CP950", pointers: (0xa1 - 0x81) * 157..<(0xa4 - 0x81) * 157, bytes: bytes)
        // Symbols of control characters.
        let symbols = (0xa3 - 0x81) * 157 + 0xc0 - 0x62
        for offset in 0..<32 { table.set(symbols + offset, to: 0x2400 + UInt32(offset)) }
        table.set(symbols + 32, to: 0x2421)
        for entry in unifiedInHKSCS.split(separator: " ") {
            let parts = entry.split(separator: ":")
            guard let pointer = Int(parts[0]), let codePoint = UInt32(parts[1], radix: 16) else { continue }
            table.set(pointer, to: codePoint)
        }
        return table
    }()

    /// Pointers that later editions of HKSCS gave up for the characters of Big5 that they are the same as.
    private static let unifiedInHKSCS = """
        2082:7BB8 2088:7C06 2103:7CCE 2114:7DD2 2123:7E1D 2148:8005 2151:8028 2221:83C1 2239:84A8 2244:840F 2303:89A6 \
        2304:89A9 2354:8D77 2400:90FD 2413:92B9 2477:975C 2498:97FF 2605:9F16 2673:8503 2746:5159 2747:515B 2748:515D \
        2749:515E 2771:936E 2780:7479 2990:6D67 3087:799B 3259:9097 3301:975D 3436:701E 3451:5B28 4136:7201 4138:77D7 \
        4141:7E87 4182:99D6 4206:91D4 4220:60DE 4230:6FB6 4241:8F36 4258:4FBB 4273:71DF 4279:9104 4282:9DF0 4294:83CF \
        4329:5C10 4330:79E3 4349:5A67 4419:8F0B 4422:7B51 4494:62D0 4624:6062 4694:75F9 4708:6C4A 4742:9B2E 4748:9F17 \
        4815:50ED 4828:5F0C 4902:880F 4922:62CE 4982:7468 4992:7162 4997:7250 10942:5EF4 10946:65E0 10948:7676 \
        10950:96B6 10957:3003 10958:4EDD 19028:5029 19035:507D 19088:5305 19096:5344 19112:537F 19162:5605 19240:5A77 \
        19299:5E75 19305:5ED0 19326:5F58 19355:60A4 19398:6490 19439:6674 19454:675E 19553:6C9C 19554:6E1D 19557:6E2F \
        19611:716E 19643:732A 19672:745C 19697:74E9 19748:7809
        """
}
