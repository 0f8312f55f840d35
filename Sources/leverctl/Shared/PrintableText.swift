extension String {
    /// The text for a terminal: characters that would move the cursor, change colours or the direction of writing, or
    /// that nobody sees, are escaped, as `\u{1B}`. All text from mail, from the database or from arguments is shown
    /// through this. With `keepingLines`, line feed and tab stay.
    func printable(keepingLines: Bool = false) -> String {
        guard utf8.contains(where: { $0 < 0x20 || $0 >= 0x7f }) else { return self }
        return escaped { scalar in
            keepingLines && (scalar == "\n" || scalar == "\t")
                ? nil : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
    }

    /// A JSON document with the same characters escaped as JSON does it, where JSON does not demand it: programs read
    /// the same, and a terminal obeys nothing. C0 is escaped already; line feeds between values are not text.
    func printableJSON() -> String {
        guard utf8.contains(where: { $0 >= 0x7f }) else { return self }
        return escaped { scalar in
            guard scalar.value >= 0x7f else { return nil }
            return UTF16.encode(scalar)!.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        }
    }

    /// With what `escape` makes of each character that is not shown as it is; nil leaves it.
    private func escaped(_ escape: (Unicode.Scalar) -> String?) -> String {
        var text = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in unicodeScalars {
            if scalar.isUnsafeToShow(after: previous), let replacement = escape(scalar) {
                text.append(contentsOf: replacement.unicodeScalars)
                previous = nil
            } else {
                text.append(scalar)
                previous = scalar
            }
        }
        return String(text)
    }
}

extension Unicode.Scalar {
    /// Whether it does something to a terminal or its reader other than showing.
    ///
    /// Control characters (C0, DEL, C1), line and paragraph separators, interlinear annotation, and all that is
    /// invisible by default (Unicode's `Default_Ignorable_Code_Point`: bidirectional controls, zero-width characters,
    /// fillers, tags, variation selectors). Invisible ones stay where writing needs them, one behind the character they
    /// belong to: joiners in Arabic, Indic and emoji, variation selectors of emoji and ideographs, a soft hyphen in a
    /// word.
    fileprivate func isUnsafeToShow(after previous: Unicode.Scalar?) -> Bool {
        switch value {
        case 0x20...0x7e: return false
        case 0...0x1f, 0x7f...0x9f, 0x2028, 0x2029, 0xfff9...0xfffb: return true
        case 0xa0...0x2ff where value != 0xad: return false
        default: break
        }
        guard properties.isDefaultIgnorableCodePoint else { return false }
        guard let previous else { return true }
        switch value {
        case 0xad: return !previous.properties.isAlphabetic
        case 0x200c: return !previous.isOfJoiningScript
        case 0x200d: return !previous.isOfJoiningScript && !previous.isPartOfEmoji
        case 0xfe00...0xfe0f: return !previous.properties.isEmoji && !previous.properties.isIdeographic
        case 0xe0100...0xe01ef: return !previous.properties.isIdeographic
        case 0x180b...0x180d, 0x180f: return !(0x1820...0x18aa).contains(previous.value)
        default: return true
        }
    }

    /// A letter or mark of Syriac to Thaana, Arabic, the scripts of South and South-East Asia, or Mongolian.
    private var isOfJoiningScript: Bool {
        switch value {
        case 0x600...0xdff, 0x1000...0x109f, 0x1780...0x17ff, 0x1820...0x18aa, 0x1a20...0x1c7f, 0xa840...0xabff,
            0xfb50...0xfdff, 0xfe70...0xfefe, 0x10a00...0x11fff:
            properties.isAlphabetic || properties.canonicalCombiningClass != .notReordered
        default: false
        }
    }

    private var isPartOfEmoji: Bool { properties.isEmoji || value == 0xfe0f }
}
