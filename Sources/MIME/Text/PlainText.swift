/// Splits text/plain into lines (RFC 3676).
enum PlainText {
    enum Flow {
        case fixed
        /// format=flowed: a line that ends in a space continues on the next.
        case flowed
        /// format=flowed; delsp=yes: that space is not part of the text.
        case flowedWithoutSpace
    }

    static func lines(_ text: String, flow: Flow) -> [Line] {
        let lines = split(text)
        guard flow != .fixed else {
            return lines.map { Line(text: String($0), isQuoted: $0.utf8.first == quoteMark) }
        }
        return join(lines, deletingSpace: flow == .flowedWithoutSpace)
    }

    /// At CRLF, LF, or a lone CR.
    private static func split(_ text: String) -> [Substring] {
        var lines: [Substring] = []
        let bytes = text.utf8
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex { $0 == lineFeed || $0 == carriageReturn } ?? bytes.endIndex
            lines.append(text[start..<end])
            guard end < bytes.endIndex else { break }
            start = bytes.index(after: end)
            if bytes[end] == carriageReturn, start < bytes.endIndex, bytes[start] == lineFeed {
                start = bytes.index(after: start)
            }
        }
        return lines
    }

    private static func join(_ lines: [Substring], deletingSpace: Bool) -> [Line] {
        var joined: [Line] = []
        /// Quote depth of the open paragraph; nil between paragraphs.
        var openDepth: Int?
        for line in lines {
            let content = line.utf8.drop { $0 == quoteMark }
            let depth = line.utf8.count - content.count
            // Space-stuffing: one leading space is not the writer's (section 4.4).
            var text = String(Substring(content.first == space ? content.dropFirst() : content))
            // The signature separator ends in a space but does not flow (section 4.3).
            let isSignature = text == "-- "
            let flows = text.utf8.last == space && !isSignature
            if flows && deletingSpace { text.removeLast() }

            if let open = openDepth, open == depth, !isSignature {
                joined[joined.count - 1].text += text
            } else {
                let mark = depth == 0 ? "" : String(repeating: ">", count: min(depth, ReadingLimits.quoteDepth)) + " "
                joined.append(Line(text: mark + text, isQuoted: depth > 0))
            }
            openDepth = flows ? depth : nil
        }
        return joined
    }
}

let quoteMark = UInt8(ascii: ">")
let lineFeed = UInt8(ascii: "\n")
let carriageReturn = UInt8(ascii: "\r")
let space = UInt8(ascii: " ")
