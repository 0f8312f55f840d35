/// Renders text/html as the lines that a person would read in a browser: paragraphs, lists, table rows, links with
/// their addresses.
///
/// `HTMLReader` calls `start`, `text` and `end` in document order. Only the stack of open elements and the text so far
/// are kept, so deep nesting costs no recursion. Scripts and styles are left out; hidden text is shown.
struct HTMLText {
    private struct Element {
        let name: String
        /// Spacing before and after the element.
        var spacing: TextLayout.Spacing?
        var quote: QuoteMark?
        /// Columns by which a list item is indented.
        var indent = 0
        var link: String?
        /// For a Gmail container: the length of the text before it, until it is known whether it holds a reply or a
        /// forwarded message.
        var undecidedSince: Int?
    }

    private enum ListMarker {
        case bullet
        case number(Int)
    }

    private var layout = TextLayout()
    private var elements: [Element] = []
    private var lists: [ListMarker] = []
    /// Indices of Gmail containers in `elements`.
    private var gmailContainers: [Int] = []
    /// Elements are nested too deep: call nothing more but `append(unparsed:)`.
    var isTooDeep: Bool { elements.count > ReadingLimits.elements }

    /// Number of open elements whose content is not shown.
    private var silent = 0
    private var preformatted = 0

    static func lines(_ html: String) -> [Line] {
        var page = HTMLText()
        HTMLReader.parse(html, into: &page)
        return page.layout.finish()
    }

    mutating func text(_ bytes: some Sequence<UInt8>) {
        if silent == 0 { layout.append(bytes, preformatted: preformatted > 0) }
    }

    /// Shows the rest of a page whose elements are nested too deep, its tags without their meaning.
    mutating func append(unparsed source: ArraySlice<UInt8>) {
        silent = 0
        layout.separate(.line)
        for run in HTMLSource.text(source) {
            text(run)
            layout.separate(.line)
        }
    }

    mutating func start(_ name: String, _ attributes: HTMLAttributes) {
        var element = Element(name: name, spacing: spacing(of: name, attributes))
        if let spacing = element.spacing { layout.separate(spacing) }
        startQuote(&element, attributes)
        switch name {
        case "br": layout.breakLine()
        case "hr": layout.append("----------".utf8)
        case "div" where attributes.isOutlookHeader:
            layout.append(OriginalSeparator.outlooks.utf8)
            layout.separate(.line)
        case "img": if let alt = attributes["alt"], !alt.isEmpty { text("[\(alt)]".utf8) }
        case "pre": preformatted += 1
        case "script", "style", "title": silent += 1
        case "ul": lists.append(.bullet)
        case "ol": lists.append(.number(attributes["start"].flatMap { Int($0) } ?? 1))
        case "li": element.indent = startListItem()
        case "tr": layout.startRow()
        case "td", "th": layout.startCell()
        case "a":
            element.link = attributes["href"]
            layout.startLink()
        default: break
        }
        elements.append(element)
    }

    mutating func end(_ name: String) {
        guard let index = elements.lastIndex(where: { $0.name == name }) else { return }
        while elements.count > index { endInnermost() }
    }

    private mutating func endInnermost() {
        let element = elements.removeLast()
        switch element.name {
        case "pre": preformatted -= 1
        case "script", "style", "title": silent -= 1
        case "ul", "ol": lists.removeLast()
        case "li": layout.endItem(indent: element.indent)
        case "tr": layout.endRow()
        case "a": layout.endLink(to: element.link)
        default: break
        }
        if let quote = element.quote { layout.endQuote(quote) }
        if let spacing = element.spacing { layout.separate(spacing) }
        if gmailContainers.last == elements.count { gmailContainers.removeLast() }
    }

    private mutating func startListItem() -> Int {
        var marker = "- "
        if case .number(let number) = lists.last {
            marker = "\(number). "
            lists[lists.count - 1] = .number(number &+ 1)
        }
        layout.startItem(marker)
        return marker.utf8.count
    }

    private func spacing(of name: String, _ attributes: HTMLAttributes) -> TextLayout.Spacing? {
        switch name {
        // Outlook writes each line as a paragraph without margin.
        case "p": attributes.hasNoMargin ? .line : .paragraph
        case "ul", "ol": lists.isEmpty ? .paragraph : .line
        default: Self.spacings[name]
        }
    }

    private static let spacings: [String: TextLayout.Spacing] = {
        let paragraphs = ["h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dl"]
        let lines = [
            "div", "table", "caption", "hr", "dt", "dd", "address", "article", "aside", "body", "center", "fieldset",
            "figcaption", "figure", "footer", "form", "header", "legend", "main", "nav", "option", "section", "title",
        ]
        return Dictionary(
            uniqueKeysWithValues: paragraphs.map { ($0, .paragraph) } + lines.map { ($0, .line) })
    }()

    // MARK: Quotations

    private mutating func startQuote(_ element: inout Element, _ attributes: HTMLAttributes) {
        switch QuotationMarkup(element.name, attributes) {
        case .citation:
            decideGmailContainer()
            element.quote = .cited
        case .indentation: element.quote = layout.isQuoting ? .cited : .indented
        case .restOfParent:
            guard let parent = elements.indices.last, elements[parent].quote == nil else { return }
            elements[parent].quote = .folded
            layout.startQuote(.folded)
            return
        case .container: element.quote = .folded
        case .gmailContainer:
            element.quote = .folded
            element.undecidedSince = layout.length
            gmailContainers.append(elements.count)
        case nil: return
        }
        if let quote = element.quote { layout.startQuote(quote) }
    }

    /// Gmail puts attribution, quotation and interleaved answers into one container, but forwarded messages too. In a
    /// reply the quotation directly follows the attribution, and text after the quotation is not quoted.
    private mutating func decideGmailContainer() {
        guard let index = gmailContainers.last, let length = elements[index].undecidedSince else { return }
        elements[index].undecidedSince = nil
        guard layout.length == length || layout.endsInColon else { return }
        elements[index].quote = nil
        layout.endQuote(.folded)
    }
}
