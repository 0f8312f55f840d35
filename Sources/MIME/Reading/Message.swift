/// A message as a person reads it: the header fields people look at, the text, and a list of what is attached.
///
/// Reading never fails. Whatever is malformed is shown as well as it can be: bytes no character set explains become
/// U+FFFD, a part nobody can decode is listed. No text is dropped; what the writer only quoted is told apart, so that
/// whoever shows the message may fold it. Nothing is decrypted, verified or fetched.
///
/// A plain value. Strings hold what the sender wrote, control characters included: escape them for a terminal.
///
/// BUGS: A writer who answers below an unmarked copy of the original (Outlook's "Original Message") is taken to be
/// quoting to the end of the part. Text inside S/MIME and PGP containers is listed as an attachment.
public struct Message: Hashable, Sendable {
    /// A stretch of text; lines end in `\n`, the last one in nothing.
    public enum Block: Hashable, Sendable {
        /// What the writer wrote.
        case text(String)
        /// What the writer quoted, with the line that says whom; so many lines.
        case quoted(String, lines: Int)
    }

    public struct Attachment: Hashable, Sendable {
        /// File name, or the subject of an attached message; empty where there is none.
        public let name: String
        /// MIME type, in lower case.
        public let type: String
        /// Decoded bytes.
        public let size: Int
    }

    /// `Name <address>`, joined by commas, encoded words decoded (RFC 2047); empty where the field is missing.
    public let from: String
    public let to: String
    public let cc: String
    /// As the sender's system wrote it.
    public let date: String
    public let subject: String
    /// With its angle brackets.
    public let messageID: String
    /// In the order of the message.
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
