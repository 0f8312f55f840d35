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
        guard !attributes.isEmpty || element == "blockquote",
            let own = element == "blockquote" ? Self.blockquote(attributes) : Self.element(attributes)
        else { return nil }
        self = own
    }

    private static func element(_ attributes: HTMLAttributes) -> QuotationMarkup? {
        if let marker = attributes["data-marker"], zimbraMarkers.contains(marker) { return .container }
        if let name = attributes["name"], namedContainers.contains(name) { return .container }
        return names(attributes).lazy.compactMap(meaning).first
    }

    /// Writers also use `blockquote` for indentation, which Gmail and Apple Mail mark with a style; Thunderbird does
    /// not.
    private static func blockquote(_ attributes: HTMLAttributes) -> QuotationMarkup? {
        if attributes["type"]?.lowercased() == "cite" || attributes["cite"] != nil || attributes.hasLeftBorder {
            return .citation
        }
        if attributes.hasNoBorder { return nil }
        if attributes["itemtype"]?.hasSuffix("/QuotedText") == true { return .citation }
        return names(attributes).contains { meaning(of: $0) != nil } ? .citation : .indentation
    }

    /// The first twenty classes, the id and the name.
    private static func names(_ attributes: HTMLAttributes) -> [Substring] {
        let classes = (attributes["class"] ?? "").utf8.split(maxSplits: 20) { $0 <= space }.prefix(20)
        return classes.map { Substring($0) } + [attributes["id"], attributes["name"]].compactMap { $0.map { $0[...] } }
    }

    /// Programs prefix the names of messages that they quote: Exchange `x_`, Yahoo `ydp12ab` or `yiv123`, Gmail `m_-1`
    /// or `gmail-`, Hotmail `ecx`, Roundcube `v1`, Fastmail `qt-`. Some number them: `yahoo_quoted_123`, `divRpF123`.
    private static func meaning(of name: Substring) -> QuotationMarkup? {
        let end = name.utf8.lastIndex { !($0 >= 0x30 && $0 <= 0x39) }.map { name.utf8.index(after: $0) }
        let name = name[..<(end ?? name.startIndex)]
        if let meaning = meanings[name] { return meaning }
        guard prefixes.contains(where: name.hasPrefix) else { return nil }
        return meanings.first { name.hasSuffix($0.key) }?.value
    }

    private static let prefixes = ["x_", "ydp", "yiv", "m_", "gmail-", "ecx", "v1", "qt-"]

    /// By name, without a number at its end.
    private static let meanings: [Substring: QuotationMarkup] = {
        var meanings: [Substring: QuotationMarkup] = ["gmail_quote": .gmailContainer]
        for name in containers { meanings[name] = .container }
        for name in starts { meanings[name] = .restOfParent }
        return meanings
    }()
    private static let containers: [Substring] = [
        "gmail_attr", "moz-cite-prefix", "moz-forward-container", "moz-email-headers-table", "yahoo_quoted",
        "yahoo_quoted_", "protonmail_quote", "tutanota_quote", "zmail_extra", "zmail_extra_hr", "OLK_SRC_BODY_SECTION",
        "mail-editor-reference-message-container", "ms-outlook-mobile-reference-message", "reply-intro",
        "messageReplySection", "ntes-mailmaster-quote", "isReplyContent", "isForwardContent", "_origContent",
        "missive_quote", "front-blockquote", "spark_quote", "airmail_on", "nylas-quote",
    ]
    private static let starts: [Substring] = [
        "divRplyFwdMsg", "appendonsend", "divRpF", "stopSpelling", "zwchr", "OutlookMessageHeader",
        "oriMsgHtmlSeperator", "replySplit",
    ]
    /// Values of `data-marker`; others mark signatures.
    private static let zimbraMarkers: Set = ["__DIVIDER__", "__HEADERS__", "__QUOTED_TEXT__"]
    /// GMX and WEB.DE: names of elements; as classes they are common.
    private static let namedContainers: Set = ["quote", "quoted-content"]
}
