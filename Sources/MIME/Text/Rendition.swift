/// One or more parts as they are shown to a person.
struct Rendition {
    var blocks: [Message.Block] = []
    var attachments: [Message.Attachment] = []
    /// All text comes from text/plain, none from HTML.
    var isPlain = true

    /// Total length of the text in UTF-8 bytes.
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

    /// The best of the alternatives for one content (RFC 2046 section 5.1.4): the plain text, or the last alternative
    /// with text if there is no plain one or it is a stub ("your mail program shows no HTML"). Attachments of every
    /// alternative are kept.
    static func best(of alternatives: [Rendition]) -> Rendition {
        let plain = alternatives.first { $0.isPlain && $0.length > 0 }
        let rich = alternatives.last { !$0.isPlain && $0.length > 0 }
        var best = plain ?? rich ?? Rendition()
        if let plain, let rich, plain.length < rich.length / stubRatio { best = rich }
        var seen: Set<Message.Attachment> = []
        best.attachments = alternatives.flatMap(\.attachments).filter { seen.insert($0).inserted }
        return best
    }

    /// HTML renders longer than plain text because of link addresses, but hardly by this factor.
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
