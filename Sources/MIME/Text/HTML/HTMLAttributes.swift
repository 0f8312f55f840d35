/// The attributes of an HTML element that are evaluated.
struct HTMLAttributes {
    /// The attributes that are kept; others may be large.
    static let names: Set = [
        "alt", "cite", "class", "data-marker", "href", "id", "itemtype", "name", "start", "style", "type",
    ]

    private let values: [String: String]

    init(_ values: [String: String]) { self.values = values }

    var isEmpty: Bool { values.isEmpty }

    subscript(name: String) -> String? { values[name] }

    var hasNoMargin: Bool {
        let style = style
        return ["margin:0", "margin-top:0"].contains { style.firstRange(of: $0) != nil }
            || self["class"]?.split(whereSeparator: \.isWhitespace).contains {
                $0.hasPrefix("Mso") || $0.hasSuffix("MsoNormal")
            } == true
    }

    /// Whether the element has a line at its left (or right, in scripts from right to left), as quotations have.
    var hasLeftBorder: Bool {
        let style = style
        return ["border-left", "border-right", "border-inline-start"].contains { side in
            Self.value(of: side, in: style).map { !Self.isNone($0) } ?? false
        }
    }

    /// Whether the element says that it has no border.
    var hasNoBorder: Bool { Self.value(of: "border", in: style).map(Self.isNone) ?? false }

    /// Whether Outlook draws its rule at the top of the element, above the header of an original.
    var isOutlookHeader: Bool {
        let style = style
        return style.firstRange(of: "border-top:solid#") != nil && style.firstRange(of: "padding:3.0pt0") != nil
    }

    /// The value of the first property with a name that begins so; nil if there is none.
    private static func value(of name: String, in style: String) -> Substring? {
        guard let found = style.firstRange(of: name) else { return nil }
        return style[found.upperBound...].drop { $0 != ":" }.dropFirst().prefix { $0 != ";" }
    }

    /// Without blanks, in lower case.
    private var style: String {
        var folded: [UInt8] = []
        for byte in (self["style"] ?? "").utf8.prefix(2_000) where byte > space { folded.append(byte.asciiLowercased) }
        return String(decoding: folded, as: UTF8.self)
    }

    private static func isNone(_ value: Substring) -> Bool {
        value.isEmpty || value.hasPrefix("none") || value.hasPrefix("mediumnone")
            || value.hasPrefix("0") && !value.hasPrefix("0.")
    }
}

extension String {
    /// Where the text first occurs.
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        guard let first = text.utf8.first else { return nil }
        for start in utf8.indices where utf8[start] == first && utf8[start...].starts(with: text.utf8) {
            return start..<utf8.index(start, offsetBy: text.utf8.count)
        }
        return nil
    }
}
