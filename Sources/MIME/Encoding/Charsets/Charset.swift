import Core

/// Decodes text whose character set label may be wrong.
///
/// Labels mean what they mean to browsers (WHATWG Encoding Standard), with those that mail has besides. Decoding never
/// fails: bytes that fit no character become U+FFFD, one for each place, and the text goes on after them.
///
/// What the text plainly is counts more than its label: a byte order mark; valid UTF-8 beyond ASCII under the label of
/// a single-byte set; ISO-2022-JP under none, or that of ASCII.
enum Charset {
    static func decode(_ bytes: [UInt8], label: String?) -> String {
        let encoding = label.flatMap { TextEncoding(label: $0) }
        if encoding?.isASCIICompatible ?? true, bytes.allSatisfy({ $0 < 0x80 && $0 != 0x1b }) {
            return String(decoding: bytes, as: UTF8.self)
        }
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { return MixedText.decode(Array(bytes.dropFirst(3))) }
        if bytes.count.isMultiple(of: 2), bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
            switch encoding {
            case .utf32?: break
            default: return UnicodeUnits.decodeUTF16(bytes, isBigEndian: bytes[0] == 0xfe)
            }
        }
        return text(bytes, in: encoding)
    }

    /// Whether text in that charset can be decoded.
    static func isKnown(_ label: String) -> Bool { TextEncoding(label: label) != nil }

    /// The label that an HTML page declares near its start, as `<meta charset=…>` or in the older form; nil if none is
    /// known.
    static func label(inHTML bytes: [UInt8]) -> String? {
        let start = bytes.prefix(4_096)
        let lowercased = start.map { $0 | 0x20 }
        var position = 0
        while let name = lowercased[position...].firstRange(of: Array("charset".utf8)) {
            position = name.upperBound
            let value = start[position...].drop { $0 <= 0x20 }
            guard value.first == UInt8(ascii: "=") else { continue }
            let label = String(
                decoding: value.dropFirst().prefix(80).drop { $0 <= 0x20 || "\"'".utf8.contains($0) }
                    .prefix { $0 > 0x20 && !"\"';/>".utf8.contains($0) }, as: UTF8.self)
            switch TextEncoding(label: label) {
            case nil: continue
            // The declaration was readable as ASCII.
            case .utf16?, .utf32?: return "utf-8"
            default: return label
            }
        }
        return nil
    }

    private static func text(_ bytes: [UInt8], in encoding: TextEncoding?) -> String {
        switch encoding {
        case nil, .utf8?, TextEncoding.windows1252?:
            if isJapanese(bytes) {
                let text = ShiftedText.iso2022JP(bytes)
                if text.errors <= bytes.count / 50 { return text.string }
            }
            return MixedText.decode(bytes)
        case .singleByte(let name)?:
            return String(validating: bytes, as: UTF8.self) ?? SingleByteTable.named(name).decode(bytes)
        case let encoding?:
            let utf8 = bytes.contains { $0 >= 0x80 } ? String(validating: bytes, as: UTF8.self) : nil
            if let utf8, encoding.yieldsToUTF8 { return utf8 }
            let text = decoded(bytes, encoding)
            // UTF-8 is not valid by chance where other text is.
            return text.errors > 0 ? utf8 ?? text.string : text.string
        }
    }

    private static func decoded(_ bytes: [UInt8], _ encoding: TextEncoding) -> DecodedText {
        switch encoding {
        case .gb18030: return GB18030Decoder.decode(bytes)
        case .big5: return TwoByteDecoders.big5(bytes)
        case .eucJP: return TwoByteDecoders.eucJP(bytes)
        case .shiftJIS: return TwoByteDecoders.shiftJIS(bytes)
        case .eucKR: return TwoByteDecoders.eucKR(bytes)
        case .iso2022JP: return ShiftedText.iso2022JP(bytes)
        case .iso2022KR: return ShiftedText.iso2022KR(bytes)
        case .hz: return ShiftedText.hz(bytes)
        case .utf16(let isBigEndian): return UnicodeUnits.utf16(bytes, isBigEndian: isBigEndian)
        case .utf32(let isBigEndian): return UnicodeUnits.utf32(bytes, isBigEndian: isBigEndian)
        case .userDefined: return UnicodeUnits.userDefined(bytes)
        case .utf8, .singleByte, .other:
            var text = DecodedText(capacity: bytes.count)
            if case .other(let name) = encoding, let iconv = Iconv(from: name) {
                iconv.convert(bytes, into: &text)
            } else {
                text.append(utf8: MixedText.decode(bytes).utf8)
            }
            return text
        }
    }

    /// Seven bits, with an escape sequence of JIS X 0208.
    private static func isJapanese(_ bytes: [UInt8]) -> Bool {
        guard let escape = bytes.firstIndex(of: 0x1b), bytes.allSatisfy({ $0 < 0x80 }) else { return false }
        return bytes[escape...].firstRange(of: [0x1b, 0x24, 0x42]) != nil
            || bytes[escape...].firstRange(of: [0x1b, 0x24, 0x40]) != nil
    }
}
