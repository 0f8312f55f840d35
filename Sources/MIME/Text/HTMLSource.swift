/// A page's source, prepared for libxml2.
enum HTMLSource {
    /// The page without the things that libxml2 misreads: NUL, which it takes for the end, and Outlook's `<![if …]>`
    /// and `<![endif]>` around content that everybody should see, which it takes for text. Of an element's attributes
    /// the first ones stay.
    static func readable(_ html: String) -> [UInt8] {
        let html = Array(html.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(html.count)
        var tag = Tag()
        var position = 0
        while position < html.count {
            if html[position...].starts(with: "<![".utf8), let end = endOfConditional(html[position...]) {
                position = end
                continue
            }
            if !tag.isInside, html[position...].starts(with: "<!--".utf8) {
                let end = endOfComment(html[position...])
                bytes += html[position..<end]
                position = end
                continue
            }
            if tag.keeps(html[position], next: position + 1 < html.count ? html[position + 1] : 0) {
                if html[position] == 0 { bytes += "\u{FFFD}".utf8 } else { bytes.append(html[position]) }
            }
            position += 1
        }
        return bytes
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

    private static func endOfComment(_ html: ArraySlice<UInt8>) -> Int {
        var hyphens = 0
        for position in html.indices.dropFirst(2) {
            if html[position] == UInt8(ascii: ">"), hyphens >= 2 { return position + 1 }
            hyphens = html[position] == UInt8(ascii: "-") ? hyphens + 1 : 0
        }
        return html.endIndex
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
