/// A message as it is stored: a CMS AuthEnvelopedData (RFC 5083) cut in two. `head + tail` is the whole CMS file.
public struct SealedMessage: Hashable, Sendable {
    /// Everything before the ciphertext: recipients' wrapped keys, algorithm, lengths. The only part that re-wrapping
    /// rewrites.
    public var head: [UInt8]
    /// The ciphertext and its authentication tag.
    public var tail: [UInt8]

    public init(head: [UInt8], tail: [UInt8]) {
        self.head = head
        self.tail = tail
    }
}

/// Binds sealed bytes to the row that holds them. It is sealed in front of the content, and compared with the row when
/// that is opened: a valid row that was moved elsewhere is refused.
public struct Binding: Hashable, Sendable {
    /// The first four bytes: kind of content, and version of this record.
    public enum Content: String, Sendable {
        /// A raw message; the subject is its thread.
        case message = "LVM1"
        /// A candidate's name and address; the subject is the candidate.
        case profile = "LVP1"
        /// A user's own mail account; the subject is 0.
        case account = "LVC1"
    }

    public let content: Content
    public let company: CompanyID
    /// The thread's or the candidate's id.
    public let subject: Int64
    public let entry: EntryID
    public let time: Timestamp

    /// Length of the encoded record in bytes.
    public static let length = 44

    public init(content: Content, company: CompanyID, subject: Int64, entry: EntryID, time: Timestamp) {
        self.content = content
        self.company = company
        self.subject = subject
        self.entry = entry
        self.time = time
    }

    public init(message entry: EntryID, company: CompanyID, thread: ThreadID, time: Timestamp) {
        self.init(content: .message, company: company, subject: thread.rawValue, entry: entry, time: time)
    }

    /// content (4 bytes) | company (8) | subject (8) | entry (16) | milliseconds (8), big-endian.
    public var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.raw(content.rawValue.utf8)
        writer.integer(company.rawValue)
        writer.integer(subject)
        writer.raw(entry.bytes)
        writer.integer(time.milliseconds)
        return writer.bytes
    }

    public init(bytes: some Collection<UInt8>) throws(ByteReader.Malformed) {
        var reader = ByteReader(bytes)
        guard let content = Content(rawValue: String(decoding: try reader.raw(4), as: UTF8.self)) else {
            throw ByteReader.Malformed()
        }
        self.content = content
        company = CompanyID(rawValue: try reader.integer())
        subject = try reader.integer()
        guard let entry = EntryID(bytes: try reader.raw(16)) else { throw ByteReader.Malformed() }
        self.entry = entry
        time = Timestamp(milliseconds: try reader.integer())
        guard reader.isAtEnd else { throw ByteReader.Malformed() }
    }
}
