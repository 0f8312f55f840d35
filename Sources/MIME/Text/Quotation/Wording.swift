/// The form in which text is compared with `QuotationPhrases`.
enum Wording {
    /// In lower case and `visible`.
    static func normalized(_ text: some StringProtocol) -> String { visible(text).lowercased() }

    /// Each run of white space is one blank, none at the ends; without asterisks (bold text of mail programs) and marks
    /// that are not seen: those of direction, joiners, soft hyphens.
    static func visible(_ text: some StringProtocol) -> String {
        var scalars = String.UnicodeScalarView()
        var isSpaceDue = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                isSpaceDue = !scalars.isEmpty
            } else if !isInvisible(scalar) {
                if isSpaceDue { scalars.append(" ") }
                isSpaceDue = false
                scalars.append(scalar == "\u{2019}" ? "'" : scalar)
            }
        }
        return String(scalars)
    }

    /// The words, split at everything that is not a letter, a mark or a digit.
    static func words(_ text: some StringProtocol) -> [Substring] {
        Substring(text).unicodeScalars.split { scalar in
            if scalar.isASCII { return !isASCIIWord(scalar) }
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
                .spacingMark, .decimalNumber, .otherNumber, .letterNumber:
                return false
            default: return true
            }
        }.map(Substring.init)
    }

    /// Whether it is of a script that sets no blanks between words, so that a verb is found at the end of a line alone.
    static func isWrittenWithoutBlanks(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0e00...0x0eff, 0x1000...0x109f, 0x1780...0x17ff, 0x3040...0x30ff, 0x3400...0x9fff, 0xac00...0xd7a3: true
        default: false
        }
    }

    private static func isASCIIWord(_ scalar: Unicode.Scalar) -> Bool {
        let lowered = scalar.value | 0x20
        return lowered >= 0x61 && lowered <= 0x7a || scalar.value >= 0x30 && scalar.value <= 0x39 || scalar == "'"
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2a, 0xad, 0x200b...0x200f, 0x202a...0x202e, 0x2060...0x2069, 0xfeff: true
        default: false
        }
    }
}
