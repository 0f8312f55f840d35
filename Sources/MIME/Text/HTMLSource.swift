/// A page's source, prepared for libxml2.
enum HTMLSource {
    /// The page without the things that libxml2 misreads: NUL, which it takes for the end, and Outlook's `<![if …]>`
    /// and `<![endif]>` around content that everybody should see, which it takes for text.
    static func readable(_ html: String) -> [UInt8] {
        let html = Array(html.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(html.count)
        var position = 0
        while position < html.count {
            if html[position...].starts(with: "<![".utf8), let end = endOfConditional(html[position...]) {
                position = end
                continue
            }
            if html[position] == 0 { bytes += "\u{FFFD}".utf8 } else { bytes.append(html[position]) }
            position += 1
        }
        return bytes
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
