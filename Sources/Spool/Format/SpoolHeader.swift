public import Core

/// The clear part of a spool file: what the database needs to file the message, and nothing that says what is in it.
public struct SpoolHeader: Hashable, Sendable {
    public var company: CompanyID
    public var thread: ThreadID
    public var entry: EntryID
    public var acceptedAt: Timestamp
    public var direction: Direction
    /// Version of the company's index key that made the dedupe key and the indices.
    public var indexVersion: UInt8
    /// Blind index of the envelope sender, 16 bytes; empty for the null sender.
    public var senderIndex: [UInt8]
    /// Blind indices of the envelope recipients, 16 bytes each.
    public var recipientIndices: [[UInt8]]
    /// Blind index of the Message-ID, 16 bytes; empty where there is none.
    public var messageIDIndex: [UInt8]
    /// Key ids (20 bytes each) that the message is sealed to.
    public var sealingKeyIDs: [[UInt8]]
    /// Postfix's queue ID.
    public var queueID: String
    /// The mail host's name.
    public var host: String
    /// The header field that the marker was found in; nil in a file of version 2 or older.
    public var matched: MarkerField?
    /// Nil where it was not to be forwarded.
    public var forwarded: Forwarded?
    public var authentication = Authentication.none
    public var labels: Set<MessageLabel> = []
    /// Blind indices of the people outside who write or are written to, under each live index key.
    public var correspondents: [BlindIndex] = []
    /// What a reply that names the message is recognised by, 16 bytes each.
    public var learnedIDs: [[UInt8]] = []
    /// Of a thread that an outside system started: whose it is.
    public var externalCandidate: CandidateID?

    public init(
        company: CompanyID, thread: ThreadID, entry: EntryID, acceptedAt: Timestamp, direction: Direction,
        indexVersion: UInt8, senderIndex: [UInt8], recipientIndices: [[UInt8]], messageIDIndex: [UInt8],
        sealingKeyIDs: [[UInt8]], queueID: String, host: String, matched: MarkerField?
    ) {
        self.company = company
        self.thread = thread
        self.entry = entry
        self.acceptedAt = acceptedAt
        self.direction = direction
        self.indexVersion = indexVersion
        self.senderIndex = senderIndex
        self.recipientIndices = recipientIndices
        self.messageIDIndex = messageIDIndex
        self.sealingKeyIDs = sealingKeyIDs
        self.queueID = queueID
        self.host = host
        self.matched = matched
    }

    /// All up to `host`. What came to the format later stands at the end of a preamble.
    func write(to writer: inout ByteWriter) {
        writer.integer(company.rawValue)
        writer.integer(thread.rawValue)
        writer.raw(entry.bytes)
        writer.integer(acceptedAt.milliseconds)
        writer.lengthPrefixed(direction.rawValue.utf8)
        writer.integer(indexVersion)
        writer.lengthPrefixed(senderIndex)
        writer.lengthPrefixed(recipientIndices.joined().map { $0 })
        writer.lengthPrefixed(messageIDIndex)
        writer.lengthPrefixed(sealingKeyIDs.joined().map { $0 })
        writer.lengthPrefixed(queueID.utf8)
        writer.lengthPrefixed(host.utf8)
    }

    init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
        company = CompanyID(rawValue: try reader.integer())
        thread = ThreadID(rawValue: try reader.integer())
        guard let entry = EntryID(bytes: try reader.raw(16)) else { throw ByteReader.Malformed() }
        self.entry = entry
        acceptedAt = Timestamp(milliseconds: try reader.integer())
        guard Timestamp.supported.contains(acceptedAt) else { throw ByteReader.Malformed() }
        guard let direction = Direction(rawValue: String(decoding: try reader.lengthPrefixed(), as: UTF8.self)) else {
            throw ByteReader.Malformed()
        }
        self.direction = direction
        indexVersion = try reader.integer()
        senderIndex = try reader.lengthPrefixed()
        recipientIndices = try Self.pieces(of: reader.lengthPrefixed(), length: 16)
        messageIDIndex = try reader.lengthPrefixed()
        sealingKeyIDs = try Self.pieces(of: reader.lengthPrefixed(), length: 20)
        queueID = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        host = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
    }

    /// What the database finds the message by.
    public var blindMessageID: BlindIndex? {
        messageIDIndex.isEmpty ? nil : BlindIndex(version: indexVersion, bytes: messageIDIndex)
    }

    /// What came with version 4.
    func writeConversation(to writer: inout ByteWriter) {
        writer.lengthPrefixed(authentication.rawValue.utf8)
        writer.lengthPrefixed(labels.map(\.rawValue).sorted().joined(separator: ",").utf8)
        writer.lengthPrefixed(correspondents.flatMap(\.packed))
        writer.lengthPrefixed(learnedIDs.joined().map { $0 })
        writer.integer(externalCandidate?.rawValue ?? 0)
    }

    /// In a file from before version 4: the envelope's, colleagues included.
    mutating func guessCorrespondents() {
        let indices = direction == .inbound ? [senderIndex].filter { !$0.isEmpty } : recipientIndices
        correspondents = indices.map { BlindIndex(version: indexVersion, bytes: $0) }
    }

    mutating func readConversation(from reader: inout ByteReader) throws(ByteReader.Malformed) {
        guard
            let authentication = Authentication(rawValue: String(decoding: try reader.lengthPrefixed(), as: UTF8.self))
        else {
            throw ByteReader.Malformed()
        }
        self.authentication = authentication
        for name in try reader.lengthPrefixed().split(separator: UInt8(ascii: ",")) {
            guard let label = MessageLabel(rawValue: String(decoding: name, as: UTF8.self)) else {
                throw ByteReader.Malformed()
            }
            labels.insert(label)
        }
        correspondents = try Self.pieces(of: reader.lengthPrefixed(), length: 17).map {
            BlindIndex(version: $0[0], bytes: Array($0[1...]))
        }
        learnedIDs = try Self.pieces(of: reader.lengthPrefixed(), length: 16)
        let candidate: Int64 = try reader.integer()
        guard candidate >= 0 else { throw ByteReader.Malformed() }
        externalCandidate = candidate == 0 ? nil : CandidateID(rawValue: candidate)
    }

    static func pieces(of bytes: [UInt8], length: Int) throws(ByteReader.Malformed) -> [[UInt8]] {
        guard bytes.count.isMultiple(of: length) else { throw ByteReader.Malformed() }
        return stride(from: 0, to: bytes.count, by: length).map { Array(bytes[$0..<$0 + length]) }
    }
}
