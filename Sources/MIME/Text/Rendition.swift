import Calendars

/// One or more parts as they are shown to a person.
struct Rendition {
    var blocks: [Message.Block] = []
    var attachments: [AttachedPart] = []
    /// Text parts with content of which nothing is seen: pages of scripts or of pictures from elsewhere.
    var unseen: [AttachedPart] = []
    /// Shown if the message has no other text: what a part that is no text says of itself.
    var substitute: [Message.Block] = []
    /// The text is the substitute.
    var isSubstituted = false
    /// Text inside a container, which other programs may have written out beside it: shown if it is not there.
    var hidden: [Message.Block] = []
    var invitations: [Invitation] = []
    /// Of the whole and of parts of it, the outermost first.
    var signatures: [Message.PartSignature] = []
    var encryption: Message.Encryption?
    /// What became of messages that were sent.
    var reports: [Message.DeliveryReport] = []
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
        unseen += other.unseen
        substitute += other.substitute
        reports += other.reports
        hidden += other.hidden
        invitations += other.invitations
        signatures += other.signatures
        encryption = encryption ?? other.encryption
        isPlain = isPlain && other.isPlain
    }
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
