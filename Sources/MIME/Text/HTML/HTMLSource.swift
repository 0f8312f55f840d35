/// A page's source, prepared for libxml2.
enum HTMLSource {
    /// The page without the things that libxml2 misreads: NUL, which it takes for the end; Outlook's `<![if …]>` and
    /// `<![endif]>` around content that everybody should see, which it takes for text; comments, which it ends
    /// elsewhere than browsers do; `<` that begins no tag, which it drops together with what follows; character
    /// references that it does not know. Of an element's attributes the first ones stay.
    static func readable(_ html: String) -> [UInt8] {
        let html = Array(html.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(html.count)
        var tag = Tag()
        var areCommentsClosed = true
        var position = 0
        while position < html.count {
            let byte = html[position]
            if byte == UInt8(ascii: "<") {
                let rest = html[position...]
                if let end = endOfConditional(rest) {
                    position = end
                    continue
                }
                if !tag.isInside, rest.starts(with: "<!--".utf8) {
                    let end = areCommentsClosed ? endOfComment(rest) : nil
                    areCommentsClosed = end != nil
                    // A comment without an end hides what is in its mark alone.
                    position = end ?? rest.firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 } ?? html.count
                    continue
                }
                if !tag.isInside, !beginsMarkup(rest) {
                    bytes += "&lt;".utf8
                    position += 1
                    continue
                }
            } else if byte == UInt8(ascii: "&"), !tag.isInside {
                if let reference = NumericReference(html[position...]) {
                    bytes += reference.replacement.utf8
                    position = reference.end
                    continue
                }
                if let reference = NamedReference(html[position...]) {
                    bytes += reference.replacement.utf8
                    position = reference.end
                    continue
                }
            }
            if tag.keeps(byte, next: position + 1 < html.count ? html[position + 1] : 0) {
                if byte == 0 { bytes += "\u{FFFD}".utf8 } else { bytes.append(byte) }
            }
            position += 1
        }
        return bytes
    }

    /// Whether the `<` begins a tag, or what browsers drop (HTML standard, 13.2.5.6). An address in angle brackets is
    /// meant as text, whatever browsers make of it.
    private static func beginsMarkup(_ html: ArraySlice<UInt8>) -> Bool {
        guard let next = html.dropFirst().first else { return false }
        if "/!?".utf8.contains(next) { return true }
        guard next | 0x20 >= 0x61, next | 0x20 <= 0x7a else { return false }
        let name = html.dropFirst().prefix(100).prefix { !" \t\r\n/>\"'=<".utf8.contains($0) }
        return !name.contains(UInt8(ascii: "@"))
    }

    /// The runs of text between tags, character references as they stand. For what is not worth parsing.
    static func text(_ source: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var runs: [ArraySlice<UInt8>] = []
        var start = source.startIndex
        var tag = Tag()
        for position in source.indices {
            let wasInside = tag.isInside
            _ = tag.keeps(source[position], next: position + 1 < source.endIndex ? source[position + 1] : 0)
            if tag.isInside, !wasInside, start < position { runs.append(source[start..<position]) }
            if wasInside, !tag.isInside { start = position + 1 }
        }
        if !tag.isInside, start < source.endIndex { runs.append(source[start...]) }
        return runs
    }

    /// The index after `-->` or `--!>`; nil if there is none. `<!-->` and `<!--->` are whole comments.
    private static func endOfComment(_ html: ArraySlice<UInt8>) -> Int? {
        var hyphens = 0
        for position in html.indices.dropFirst(2) {
            switch html[position] {
            case UInt8(ascii: ">") where hyphens >= 2: return position + 1
            case UInt8(ascii: "-"): hyphens += 1
            case UInt8(ascii: "!") where hyphens >= 2 && position > html.startIndex + 4: break
            default: hyphens = 0
            }
        }
        return nil
    }

    /// Follows a page's source byte by byte, and counts the attributes of each tag.
    private struct Tag {
        private(set) var isInside = false
        private var attributes = 0
        private var quote: UInt8?
        private var wasSpace = false
        private var wasEqualsSign = false

        /// Whether the byte is part of the page that is read.
        mutating func keeps(_ byte: UInt8, next: UInt8) -> Bool {
            if let mark = quote {
                // A value ends an attribute: the next one need not be set off by a blank.
                if byte == mark { (quote, wasSpace) = (nil, true) }
                return attributes <= ReadingLimits.attributes
            }
            // Inside a tag, `<` begins another one: in a script it was none.
            if byte == UInt8(ascii: "<"), next | 0x20 >= 0x61 && next | 0x20 <= 0x7a || next == UInt8(ascii: "/") {
                (isInside, attributes, wasSpace, wasEqualsSign) = (true, 0, false, false)
                return true
            }
            guard isInside else { return true }
            switch byte {
            case UInt8(ascii: ">"):
                isInside = false
                return true
            case UInt8(ascii: "\"") where wasEqualsSign, UInt8(ascii: "'") where wasEqualsSign: quote = byte
            case space, UInt8(ascii: "\t"), lineFeed, carriageReturn, 0x0c, UInt8(ascii: "/"): wasSpace = true
            case UInt8(ascii: "="): (wasSpace, wasEqualsSign) = (false, true)
            default:
                if wasSpace, !wasEqualsSign { attributes += 1 }
                (wasSpace, wasEqualsSign) = (false, false)
            }
            if quote != nil { wasEqualsSign = false }
            return attributes <= ReadingLimits.attributes
        }
    }

    /// The index after `]>`; nil if this is not such a mark. `<![endif]-->` is not one, but the end of a comment.
    private static func endOfConditional(_ html: ArraySlice<UInt8>) -> Int? {
        let word = html.dropFirst(3)
        guard word.starts(with: "if ".utf8) || word.starts(with: "endif]".utf8),
            let close = word.prefix(200).firstIndex(of: UInt8(ascii: "]")), close + 1 < html.endIndex,
            html[close + 1] == UInt8(ascii: ">")
        else { return nil }
        return close + 2
    }
}
