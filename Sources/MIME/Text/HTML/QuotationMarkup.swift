/// How mail programs mark quotations in HTML: by classes, ids and names of elements.
enum QuotationMarkup {
    /// The element is the quotation.
    case container
    /// Gmail's, which may hold answers as well.
    case gmailContainer
    /// The quotation starts here and ends with the enclosing element.
    case restOfParent
    /// A `blockquote` that is a quotation.
    case citation
    /// A `blockquote` of which only what stands above it tells.
    case indentation

    /// Nil if the element marks nothing.
    init?(_ element: String, _ attributes: HTMLAttributes) {
        if element == "blockquote" {
            guard let own = Self.blockquote(attributes) else { return nil }
            self = own
            return
        }
        let names = Self.names(attributes)
        if names.isEmpty, attributes["data-marker"] == nil { return nil }
        if names.contains(where: { Self.isNamed($0, Self.gmail) }) {
            self = .gmailContainer
        } else if attributes["data-marker"]?.hasPrefix("__") == true
            || attributes["name"].map(Self.containerNames.contains) == true
            || names.contains(where: { name in Self.containers.contains { Self.isNamed(name, $0) } })
        {
            self = .container
        } else if names.contains(where: { name in Self.starts.contains { Self.isNamed(name, $0) } }) {
            self = .restOfParent
        } else {
            return nil
        }
    }

    /// Writers also use `blockquote` for indentation, which Gmail and Apple Mail mark with a style; Thunderbird does
    /// not.
    private static func blockquote(_ attributes: HTMLAttributes) -> QuotationMarkup? {
        if attributes["type"]?.lowercased() == "cite" || attributes["cite"] != nil { return .citation }
        let style = attributes.style
        if attributes.hasLeftBorder { return .citation }
        if style.contains("border:none") || style.contains("border:0") || style.contains("border-width:0") {
            return nil
        }
        let names = names(attributes)
        if attributes["itemtype"]?.hasSuffix("/QuotedText") == true
            || names.contains(where: { name in (containers + [gmail]).contains { isNamed(name, $0) } })
        {
            return .citation
        }
        return .indentation
    }

    /// The first twenty classes, the id and the name.
    private static func names(_ attributes: HTMLAttributes) -> [Substring] {
        let classes = (attributes["class"] ?? "").split(maxSplits: 20, whereSeparator: \.isWhitespace).prefix(20)
        return classes + [attributes["id"], attributes["name"]].compactMap { $0.map { $0[...] } }
    }

    /// Programs prefix the names of messages that they quote: Exchange `x_`, Yahoo `ydp12ab` or `yiv123`, Gmail
    /// `m_-123` or `gmail-`, Hotmail `ecx`, Roundcube `v1`, Fastmail `qt-`. Some number the ids: `yahoo_quoted_123`,
    /// `divRpF123`.
    private static func isNamed(_ name: Substring, _ known: String) -> Bool {
        var name = name
        if known.hasSuffix("#") {
            guard let end = name.utf8.lastIndex(where: { !($0 >= 0x30 && $0 <= 0x39) }), end > name.startIndex else {
                return false
            }
            name = name[...end]
            return isNamed(name, String(known.dropLast()))
        }
        guard name.hasSuffix(known) else { return false }
        let prefix = name.dropLast(known.count)
        return prefix.isEmpty || prefixes.contains(where: prefix.hasPrefix)
    }

    private static let prefixes = ["x_", "ydp", "yiv", "m_", "gmail-", "ecx", "v1", "qt-"]
    private static let gmail = "gmail_quote"
    private static let containers = [
        "gmail_attr", "moz-cite-prefix", "moz-forward-container", "moz-email-headers-table", "yahoo_quoted",
        "yahoo_quoted_#", "protonmail_quote", "tutanota_quote", "zmail_extra", "zmail_extra_hr", "OLK_SRC_BODY_SECTION",
        "mail-editor-reference-message-container", "ms-outlook-mobile-reference-message", "reply-intro",
        "messageReplySection", "ntes-mailmaster-quote", "isReplyContent", "isForwardContent",
        "_origContent", "missive_quote", "front-blockquote", "spark_quote", "airmail_on", "nylas-quote",
    ]
    /// GMX and WEB.DE: names of elements; as classes they are common.
    private static let containerNames: Set = ["quote", "quoted-content"]
    private static let starts = [
        "divRplyFwdMsg", "appendonsend", "divRpF#", "stopSpelling", "zwchr", "OutlookMessageHeader",
        "oriMsgHtmlSeperator",
        "replySplit",
    ]
}
