public import Calendars
import Core

// MIME: a message as a person reads it, and the message that a person writes. Reads header, text and attachments
// (libxml2), tells quotations from what the writer wrote, and composes outgoing mail. Knows nothing of this
// product.

/// A message as a person reads it: the header fields people look at, the text, and a list of what is attached.
///
/// Reading never fails. Malformed input is shown as well as possible: bytes that fit no character set become U+FFFD,
/// and a part that cannot be decoded is listed as an attachment. No text is dropped: quoted text is marked, so that it
/// can be folded, and of alternatives for one content those that say something else are shown too. A message with content
/// is never empty: without text of its own it shows what its attached messages, reports and containers say.
///
/// Nothing is decrypted or fetched; S/MIME signatures are checked against the reader's authorities. Time and memory are in
/// proportion to the message, and what is shown of it is bounded (`ReadingLimits`); `omitted` says how much is not shown.
///
/// A plain value. Strings are the sender's, control characters included: escape them for a terminal.
///
/// BUGS: If a writer answers below an unmarked copy of the original (Outlook's "Original Message"), the answer counts
/// as quoted, to the end of the part. What is quoted without any sign that `Quotation` knows counts as written.
public struct Message: Hashable, Sendable {
    /// A run of text; lines end in `\n`, except the last.
    public enum Block: Hashable, Sendable {
        /// Written by the writer.
        case text(String)
        /// Quoted by the writer, including the attribution line; `lines` counts its lines.
        case quoted(String, lines: Int)
    }

    public struct Attachment: Hashable, Sendable {
        /// File name; of an attached message its subject, if it has one. Empty if there is none.
        public let name: String
        /// MIME type, in lower case.
        public let type: String
        /// Bytes when decoded; of an attached message, of its source.
        public let size: Int
        /// Set if it is a message.
        public let message: AttachedMessage?

        init(name: String, type: String, size: Int, message: AttachedMessage? = nil) {
            self.name = name
            self.type = type
            self.size = size
            self.message = message
        }
    }

    /// The header of an attached message, as in `Message`. Its text and attachments are in its own source, which
    /// `MessageAttachments` has.
    public struct AttachedMessage: Hashable, Sendable {
        public let from: String
        public let date: String
        public let subject: String
    }

    /// What the message has besides; the raw message has all of it.
    public struct Omitted: Hashable, Sendable {
        /// Bytes of text, as decoded or as rendered.
        public var textBytes = 0
        public var attachments = 0
        /// Header fields that are cut, each with an ellipsis at its end.
        public var fields = 0

        public var isNothing: Bool { self == Omitted() }
    }

    /// `Name <address>`, separated by commas, encoded words decoded (RFC 2047); empty if the field is missing.
    public let from: String
    public let to: String
    public let cc: String
    /// Where answers are asked to go; most messages have none.
    public let replyTo: String
    /// As the sender's system wrote it.
    public let date: String
    public let subject: String
    /// With its angle brackets.
    public let messageID: String
    /// In message order.
    public let text: [Block]
    public let attachments: [Attachment]
    /// If the message reports on others that were sent.
    public let deliveryReports: [DeliveryReport]
    /// Events and tasks of calendar parts, each once. What they say is `text` if the message has no other.
    public let invitations: [Invitation]
    /// Whether `text` is what the invitations say.
    public let showsInvitations: Bool
    /// The outermost signature; nil if nothing is signed.
    public let signature: SignatureState?
    /// Nil if nothing is encrypted. Text that says so is `text` if the message has no other.
    public let encryption: Encryption?
    public let omitted: Omitted

    /// Reads a raw message (RFC 5322), header and body, lines ending in CRLF or LF, in parts also in CR.
    public init(raw: [UInt8], _ context: ReadingContext = ReadingContext()) {
        let tree = PartTree(raw)
        let header = MessageHeader(tree)
        var omitted = Omitted()
        func shown(_ field: MessageHeader.Shown) -> String {
            if field.isCut { omitted.fields += 1 }
            return field.text
        }
        from = shown(header.mailboxes("From"))
        to = shown(header.mailboxes("To"))
        cc = shown(header.mailboxes("Cc"))
        replyTo = shown(header.mailboxes("Reply-To"))
        date = shown(header.text("Date"))
        subject = shown(header.text("Subject"))
        messageID = shown(header.text("Message-ID"))
        let (body, unread) = PartRendering.body(of: tree, context)
        let (blocks, cut) = Self.shortened(body.blocks)
        text = blocks
        omitted.textBytes = unread + cut
        attachments = body.attachments.prefix(ReadingLimits.attachments).map(\.attachment)
        var seen: Set<Invitation> = []
        invitations = Array(
            body.invitations.filter { seen.insert($0).inserted }.prefix(ReadingLimits.invitations))
        showsInvitations = !body.invitations.isEmpty && body.isSubstituted
        signature = body.signatures.first.map { SignatureState($0, author: header.author) }
        encryption = body.encryption
        deliveryReports = Array(body.reports.prefix(ReadingLimits.reports))
        omitted.attachments = body.attachments.count - attachments.count
        self.omitted = omitted
    }

    /// The first blocks, and the bytes of the rest. A block is cut at the end of a line, if it has one.
    private static func shortened(_ blocks: [Block]) -> (blocks: [Block], cut: Int) {
        var (left, cut) = (ReadingLimits.text, 0)
        var (shown, last) = ([Block](), "")
        for block in blocks {
            let content = block.content
            var part = content.prefix(bytes: left)
            if part.utf8.count < content.utf8.count, let end = part.utf8.lastIndex(of: lineFeed) { part = part[..<end] }
            cut += content.utf8.count - part.utf8.count
            left = part.utf8.count == content.utf8.count ? left - part.utf8.count : 0
            guard !part.isEmpty else { continue }
            if shown.count < ReadingLimits.blocks - 1 {
                shown.append(block.with(part))
            } else {
                last += (last.isEmpty ? "" : "\n") + part
                left = max(0, left - 1)
            }
        }
        if !last.isEmpty { shown.append(.text(last)) }
        return (shown, cut)
    }
}

extension Message.Block {
    /// The text, quoted or not.
    public var content: String {
        switch self {
        case .text(let text), .quoted(let text, lines: _): text
        }
    }

    /// The block with the first part of its content, which is not empty.
    fileprivate func with(_ part: Substring) -> Message.Block {
        switch self {
        case _ where part.utf8.count == content.utf8.count: self
        case .text: .text(String(part))
        case .quoted: .quoted(String(part), lines: part.utf8.count { $0 == lineFeed } + 1)
        }
    }
}
