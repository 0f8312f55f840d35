/// The attributes of an HTML element that are evaluated, and how mail programs mark quotations with them.
struct HTMLAttributes {
    /// The attributes that are kept; others may be large.
    static let names: Set = ["alt", "class", "href", "id", "start", "style", "type"]

    private let values: [String: String]

    init(_ values: [String: String]) { self.values = values }

    subscript(name: String) -> String? { values[name] }

    var hasNoMargin: Bool {
        ["margin:0", "margin-top:0"].contains(where: style.contains) || classes.contains { $0.hasPrefix("Mso") }
    }

    /// Whether a blockquote is a quotation. Writers also use it for indentation, which their programs mark with a
    /// style.
    var isCitation: Bool { self["type"] == "cite" || !style.contains("border:none") }

    var isQuoteContainer: Bool {
        isGmailContainer || !classes.isDisjoint(with: Self.containerClasses) || Self.containerIDs.contains(id)
    }

    var isGmailContainer: Bool { classes.contains("gmail_quote") }

    /// Whether the element starts a quotation that has no container of its own.
    var startsQuotedRest: Bool { id == "divRplyFwdMsg" || id == "appendonsend" }

    private static let containerClasses: Set = [
        "gmail_attr", "moz-cite-prefix", "moz-forward-container", "yahoo_quoted", "protonmail_quote", "tutanota_quote",
        "zmail_extra",
    ]
    private static let containerIDs: Set = ["OLK_SRC_BODY_SECTION", "mail-editor-reference-message-container"]

    private var style: String { (self["style"] ?? "").lowercased().filter { !$0.isWhitespace } }

    private var id: String { Self.original(self["id"] ?? "") }

    private var classes: Set<String> {
        Set((self["class"] ?? "").split(whereSeparator: \.isWhitespace).map { Self.original(String($0)) })
    }

    /// Exchange prefixes names with `x_` in messages that it quotes, once per quotation.
    private static func original(_ name: String) -> String {
        var name = name[...]
        while name.hasPrefix("x_") { name = name.dropFirst(2) }
        return String(name)
    }
}
