import Core

/// A message that a person writes, encoded as RFC 5322 and MIME (RFC 2045).
///
/// A plain value. Text is Unicode; what is not ASCII is encoded, but for the local parts of addresses, which have no
/// form in ASCII (RFC 6532).
public struct OutgoingMessage: Sendable {
    public struct Mailbox: Hashable, Sendable {
        /// Empty for none.
        public var name: String
        /// As a command has it: the domain in ASCII.
        public var address: String

        public init(name: String, address: String) {
            self.name = name
            self.address = address
        }
    }

    public struct Attachment: Hashable, Sendable {
        /// File name without directories. Its extension determines the MIME type.
        public var name: String
        public var content: [UInt8]

        public init(name: String, content: [UInt8]) {
            self.name = name
            self.content = content
        }
    }

    public var from: Mailbox
    public var to: Mailbox
    public var subject: String
    /// Lines end in LF, CRLF or CR.
    public var text: String
    public var attachments: [Attachment] = []
    /// Seconds since 1970.
    public var date: Int
    /// With angle brackets, like the ids in the fields below.
    public var messageID: String
    public var inReplyTo: String?
    public var references: [String] = []
    /// Additional fields, in order. ASCII.
    public var fields: [(name: String, value: String)] = []

    public init(from: Mailbox, to: Mailbox, subject: String, text: String, date: Int, messageID: String) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.date = date
        self.messageID = messageID
    }

    /// The message as it is sent: lines of at most 998 bytes that end in CRLF, in ASCII but for addresses whose local
    /// parts are not.
    public var raw: [UInt8] {
        var header = OutgoingHeader()
        header.add("From", from)
        header.add("To", to)
        header.add("Subject", text: subject)
        header.add("Date", tokens: [CalendarTime(seconds: date).mailDate])
        header.add("Message-ID", tokens: [messageID])
        if let inReplyTo { header.add("In-Reply-To", tokens: [inReplyTo]) }
        if !references.isEmpty { header.add("References", tokens: references) }
        for (name, value) in fields { header.add(name, tokens: [value]) }
        header.add("MIME-Version", tokens: ["1.0"])
        return header.bytes + body.bytes
    }

    /// The text; if there are attachments, a multipart/mixed of both.
    private var body: OutgoingPart {
        let part = OutgoingPart(text: text)
        if attachments.isEmpty { return part }
        return OutgoingPart(mixed: [part] + attachments.map(OutgoingPart.init), seed: messageID)
    }
}
