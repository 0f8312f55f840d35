/// A named character reference that libxml2 does not know: it has the names of HTML 4, with their semicolons alone (HTML
/// standard, 13.2.5.73 and 13.5).
struct NamedReference {
    let replacement: String
    /// The index after it.
    let end: Int

    /// Nil if none begins there, or libxml2 reads it right.
    init?(_ html: ArraySlice<UInt8>) {
        let name = html.dropFirst().prefix(Self.longest).prefix(while: Self.isAlphanumeric)
        guard html.first == UInt8(ascii: "&"), name.count >= 2 else { return nil }
        let next = name.endIndex < html.endIndex ? html[name.endIndex] : 0
        if next == UInt8(ascii: ";") {
            guard let replacement = Self.html5[String(decoding: name, as: UTF8.self)] else { return nil }
            (self.replacement, end) = (replacement, name.endIndex + 1)
            return
        }
        // Where a parameter of an address follows, it is none: `?a=1&lt=2`.
        guard next != UInt8(ascii: "="),
            let length = (2...6).last(where: { length in
                length <= name.count
                    && Self.withoutSemicolon.contains(String(decoding: name.prefix(length), as: UTF8.self))
            })
        else { return nil }
        end = name.startIndex + length
        replacement = "&\(String(decoding: html[name.startIndex..<end], as: UTF8.self));"
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a || byte >= 0x30 && byte <= 0x39
    }

    /// Bytes of the longest name below.
    private static let longest = 16

    /// Those of ASCII, by which some programs hide addresses, and a few more.
    private static let html5: [String: String] = [
        "AMP": "&amp;", "LT": "&lt;", "GT": "&gt;", "QUOT": "\"", "COPY": "©", "REG": "®", "TRADE": "™",
        "excl": "!", "num": "#", "dollar": "$", "percnt": "%", "lpar": "(", "rpar": ")", "ast": "*", "midast": "*",
        "plus": "+", "comma": ",", "period": ".", "sol": "/", "colon": ":", "semi": ";", "equals": "=", "quest": "?",
        "commat": "@", "lbrack": "[", "lsqb": "[", "bsol": "\\", "rbrack": "]", "rsqb": "]", "Hat": "^", "lowbar": "_",
        "grave": "`", "lbrace": "{", "lcub": "{", "verbar": "|", "vert": "|", "rbrace": "}", "rcub": "}",
        "hyphen": "‐", "dash": "‐", "horbar": "―", "Tab": "\t", "NewLine": "\n", "NonBreakingSpace": "\u{A0}",
        "check": "✓", "checkmark": "✓", "cross": "✗", "star": "☆", "starf": "★", "phone": "☎", "bigstar": "★",
        "ZeroWidthSpace": "\u{200B}", "NoBreak": "\u{2060}", "hairsp": "\u{200A}", "numsp": "\u{2007}",
    ]

    /// Of the names that need none, those that text has.
    private static let withoutSemicolon = Set(
        """
        nbsp amp lt gt quot shy auml ouml uuml Auml Ouml Uuml szlig euml iuml yuml Euml Iuml aacute eacute iacute oacute \
        uacute yacute Aacute Eacute Iacute Oacute Uacute Yacute agrave egrave igrave ograve ugrave Agrave Egrave Igrave \
        Ograve Ugrave acirc ecirc icirc ocirc ucirc Acirc Ecirc Icirc Ocirc Ucirc atilde ntilde otilde Atilde Ntilde \
        Otilde ccedil Ccedil aring Aring aelig AElig oslash Oslash eth ETH thorn THORN laquo raquo
        """.split(separator: " ").map(String.init))
}
