/// A numeric character reference that libxml2 does not read as browsers do (HTML standard, 13.2.5.80): numbers
/// 128 to 159 are windows-1252's, and numbers of no character stand for U+FFFD. Without a number it is text.
struct NumericReference {
    let replacement: String
    /// The index after it; the semicolon may be missing.
    let end: Int

    /// Nil if none begins there, or libxml2 reads it right.
    init?(_ html: ArraySlice<UInt8>) {
        guard html.starts(with: "&#".utf8) else { return nil }
        var digits = html.dropFirst(2)
        let radix: UInt32 = digits.first.map { $0 | 0x20 } == UInt8(ascii: "x") ? 16 : 10
        if radix == 16 { digits = digits.dropFirst() }
        var value: UInt32 = 0
        var position = digits.startIndex
        while position < digits.endIndex, let digit = Self.value(of: digits[position]), digit < radix {
            value = min(value * radix + digit, 0x110000)
            position += 1
        }
        guard position > digits.startIndex else {
            // No reference; libxml2 drops it.
            (replacement, end) = ("&amp;#", html.startIndex + 2)
            return
        }
        switch value {
        case 0x80...0x9f:
            guard let scalar = Self.windows1252[Int(value) - 0x80] else { return nil }
            replacement = String(scalar)
        case 0, 0xd800...0xdfff, 0x110000: replacement = "\u{FFFD}"
        default: return nil
        }
        end = position < html.endIndex && html[position] == UInt8(ascii: ";") ? position + 1 : position
    }

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        case 0x30...0x39: UInt32(digit) - 0x30
        case 0x41...0x46, 0x61...0x66: UInt32(digit | 0x20) - 0x61 + 10
        default: nil
        }
    }

    /// Five are not assigned.
    private static let windows1252: [Unicode.Scalar?] = [
        "€", nil, "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", nil, "Ž", nil,
        nil, "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", nil, "ž", "Ÿ",
    ]
}
