/// The tokens of RTF: braces, control words and symbols, and the bytes of text.
struct RTFScanner {
    enum Token {
        case open
        case close
        /// `\*`: readers that do not know the group's destination pass over it.
        case optional
        case word(String, Int?)
        case byte(UInt8)
    }

    private var rest: ArraySlice<UInt8>

    init(_ source: [UInt8]) { rest = source[...] }

    /// Passes over raw bytes.
    mutating func skip(_ count: Int) { rest = rest.dropFirst(max(0, count)) }

    /// Nil at the end.
    mutating func next() -> Token? {
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "{"): return .open
            case UInt8(ascii: "}"): return .close
            case UInt8(ascii: "\\"): return control()
            case 0x0a, 0x0d, 0: continue
            default: return .byte(byte)
            }
        }
        return nil
    }

    private mutating func control() -> Token? {
        guard let first = rest.popFirst() else { return nil }
        switch first {
        case UInt8(ascii: "\\"), UInt8(ascii: "{"), UInt8(ascii: "}"): return .byte(first)
        case UInt8(ascii: "*"): return .optional
        case 0x0a, 0x0d: return .word("par", nil)
        case UInt8(ascii: "'"):
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
                return .byte(UInt8(ascii: "?"))
            }
            rest = rest.dropFirst(2)
            return .byte(value)
        case _ where Self.isLetter(first): return word(first)
        default: return .word(String(UnicodeScalar(first)), nil)
        }
    }

    /// Letters, a number, and one blank that ends both.
    private mutating func word(_ first: UInt8) -> Token {
        let letters = rest.prefix(40).prefix(while: Self.isLetter)
        rest = rest[letters.endIndex...]
        let isNegative = rest.first == UInt8(ascii: "-")
        let digits = (isNegative ? rest.dropFirst() : rest).prefix(10).prefix { (0x30...0x39).contains($0) }
        var number = Int(String(decoding: digits, as: UTF8.self))
        if number != nil { rest = rest[digits.endIndex...] }
        if isNegative { number = number.map { -$0 } }
        if rest.first == 0x20 { rest = rest.dropFirst() }
        return .word(String(decoding: [first] + letters, as: UTF8.self), number)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) && byte >= 0x41 }
}
