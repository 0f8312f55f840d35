// MIME: a message as a person reads it, and the message that a person writes. Reads header, text and attachments
// (GMime, libxml2), tells quotations from what the writer wrote, and composes outgoing mail. Knows nothing of this
// product.

/// A message as a person reads it: the header fields people look at, the text, and a list of what is attached.
///
/// Reading never fails. Malformed input is shown as well as possible: bytes that fit no character set become U+FFFD,
/// and a part that cannot be decoded is listed as an attachment. No text is dropped; quoted text is marked, so that it
/// can be folded. Nothing is decrypted, verified or fetched.
///
/// A plain value. Strings are the sender's, control characters included: escape them for a terminal.
///
/// BUGS: If a writer answers below an unmarked copy of the original (Outlook's "Original Message"), the answer counts
/// as quoted, to the end of the part. Text inside S/MIME and PGP containers is listed as an attachment.
public struct Message: Hashable, Sendable {
    /// A run of text; lines end in `\n`, except the last.
    public enum Block: Hashable, Sendable {
        /// Written by the writer.
        case text(String)
        /// Quoted by the writer, including the attribution line; `lines` counts its lines.
        case quoted(String, lines: Int)
    }

    public struct Attachment: Hashable, Sendable {
        /// File name, or the subject of an attached message; empty if there is none.
        public let name: String
        /// MIME type, in lower case.
        public let type: String
        /// Bytes when decoded.
        public let size: Int
    }

    /// `Name <address>`, separated by commas, encoded words decoded (RFC 2047); empty if the field is missing.
    public let from: String
    public let to: String
    public let cc: String
    /// As the sender's system wrote it.
    public let date: String
    public let subject: String
    /// With its angle brackets.
    public let messageID: String
    /// In message order.
    public let text: [Block]
    public let attachments: [Attachment]

    /// Reads a raw message (RFC 5322), header and body, lines ending in CRLF or LF.
    public init(raw: [UInt8]) {
        let message = ParsedMessage(raw)
        from = message.addresses("From")
        to = message.addresses("To")
        cc = message.addresses("Cc")
        date = message.text("Date")
        subject = message.text("Subject")
        messageID = message.text("Message-ID")
        let body = message.body()
        text = body.blocks
        attachments = body.attachments
    }
}
