import Core

/// What a line of a base64 body is, by its shape. Data is one run of digits, with hardly a character that is none:
/// those are noise, and passed over (RFC 2045 section 6.8). Text in clear has words and punctuation.
struct Base64Line {
    enum Shape {
        case empty, data, clear
        /// Data beside data, and text in clear beside text in clear: `Joerg` is four digits and one.
        case either
    }

    private var digits = 0
    private var hasPadding = false
    private var hasPunctuation = false
    /// `:/`, as in a web address, whatever long names come after it.
    private var hasAddress = false
    private var longestRun = 0
    private var words = 0
    /// Words with a digit beside a letter, or a capital letter within: `cnNk`, `VGh1`.
    private var mixedWords = 0
    private var noise = 0

    init(_ line: ArraySlice<UInt8>) {
        var (run, letters, numerals, capitalsWithin) = (0, 0, 0, 0)
        var previous = UInt8(ascii: " ")
        for byte in line {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): letters += 1
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                letters += 1
                if UInt8(ascii: "a")...UInt8(ascii: "z") ~= previous { capitalsWithin += 1 }
            case UInt8(ascii: "0")...UInt8(ascii: "9"): numerals += 1
            case UInt8(ascii: "+"), UInt8(ascii: "/"): break
            case UInt8(ascii: "="): hasPadding = true
            case UInt8(ascii: " "), UInt8(ascii: "\t"), carriageReturn, lineFeed: break
            case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "@"),
                UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"), 0x80...:
                hasPunctuation = true
                noise += 1
            default: noise += 1
            }
            if Base64Decoder.digit(byte) < 64 {
                (digits, run) = (digits + 1, run + 1)
                longestRun = max(longestRun, run)
            } else if run > 0, byte != UInt8(ascii: "=") {
                words += 1
                if letters > 0 && numerals > 0 || capitalsWithin > 0 { mixedWords += 1 }
                (run, letters, numerals, capitalsWithin) = (0, 0, 0, 0)
            }
            if byte == UInt8(ascii: "/"), previous == UInt8(ascii: ":") { hasAddress = true }
            previous = byte
        }
        if run > 0 {
            words += 1
            if letters > 0 && numerals > 0 || capitalsWithin > 0 { mixedWords += 1 }
        }
    }

    var shape: Shape {
        if digits + noise == 0 { return hasPadding ? .either : .empty }
        if digits == 0 { return .clear }
        if hasAddress { return .clear }
        if longestRun >= 40, noise <= digits / 20 { return .data }
        if hasPunctuation { return .clear }
        let isSpaced = words > 1 + noise
        if isSpaced, 2 * mixedWords < words { return .clear }
        if hasPadding, digits >= 6, noise == 0 { return .data }
        return .either
    }
}
