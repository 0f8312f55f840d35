/// What a part, or several, show to a person.
struct Rendition {
    var blocks: [Message.Block] = []
    var attachments: [Message.Attachment] = []
    /// All text comes from plain text, none from HTML.
    var isPlain = true

    /// UTF-8 bytes of text in all.
    var length: Int {
        blocks.reduce(0) { length, block in
            switch block {
            case .text(let text), .quoted(let text, _): length + text.utf8.count
            }
        }
    }

    mutating func append(_ other: Rendition) {
        blocks += other.blocks
        attachments += other.attachments
        isPlain = isPlain && other.isPlain
    }

    /// Of the alternatives that a message offers for one content (RFC 2046 section 5.1.4), the plain text; the last
    /// one with any text where there is no plain one, or where it is a stub ("your mail program shows no HTML").
    /// What is attached to an alternative is the reader's whichever is shown.
    static func best(of alternatives: [Rendition]) -> Rendition {
        let plain = alternatives.first { $0.isPlain && $0.length > 0 }
        let rich = alternatives.last { !$0.isPlain && $0.length > 0 }
        var best = plain ?? rich ?? Rendition()
        if let plain, let rich, plain.length < rich.length / stubRatio { best = rich }
        best.attachments = []
        for attachment in alternatives.flatMap(\.attachments) where !best.attachments.contains(attachment) {
            best.attachments.append(attachment)
        }
        return best
    }

    /// HTML shows as longer text than plain, by its links' addresses, but hardly by this much.
    private static let stubRatio = 4
}

extension Rendition {
    init(plain text: String, flow: PlainText.Flow = .fixed) {
        blocks = Quotation.blocks(PlainText.lines(text, flow: flow))
    }

    init(html text: String) {
        blocks = Quotation.blocks(HTMLText.lines(text))
        isPlain = false
    }
}
