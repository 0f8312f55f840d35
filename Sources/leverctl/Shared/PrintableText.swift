extension String {
    /// The text for a terminal: characters that would move the cursor, change colours or the direction of writing are
    /// escaped, as `\u{1B}`. All text from mail, from the database or from arguments is shown through this.
    ///
    /// Escaped are control characters (C0, DEL, C1), bidirectional controls, and line and paragraph separators. With
    /// `keepingLines`, line feed and tab stay.
    func printable(keepingLines: Bool = false) -> String {
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.drivesTerminal, !(keepingLines && (scalar == "\n" || scalar == "\t")) {
                text.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }
}

extension Unicode.Scalar {
    fileprivate var drivesTerminal: Bool {
        switch value {
        case 0...0x1f, 0x7f...0x9f: true  // C0, DEL, C1
        case 0x61c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true  // bidirectional controls
        case 0x2028, 0x2029: true  // line and paragraph separator
        default: false
        }
    }
}
