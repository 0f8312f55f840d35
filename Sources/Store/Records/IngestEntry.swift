public import Core

/// One inspected message on its way from the spool to the database.
public struct IngestEntry {
    public var company: CompanyID
    public var thread: ThreadID
    public var entry: EntryID
    /// Nil where the company is not known well enough to tell.
    public var direction: Direction?
    /// When the mail host took it: the time in the binding.
    public var acceptedAt: Timestamp
    /// Bytes of the raw message; nil where the filter left before the body.
    public var size: Int?
    /// The mail host's name, and Postfix's name of the message there.
    public var host: String
    public var queueID: String
    /// The header field that the marker was found in; nil where that is not known.
    public var matched: MarkerField?
    /// When it was whole in the host's spool; nil where it never was.
    public var spooledAt: Timestamp?
    /// What the Message-ID is found by. Nil where the message has none, and where the company is not known.
    public var messageIDIndex: BlindIndex?
    public var payload: Payload

    public enum Payload {
        /// To be stored.
        case content(Content)
        /// Not stored; the delivery log keeps why. Any outcome but `captured`, `duplicate` and `noMarker`.
        case record(Outcome)
    }

    /// A sealed message and what may be known of it in the clear.
    public struct Content {
        /// 32 bytes each: one for each live index key, the first with the key of `indexVersion`. The same mail seen
        /// twice has one of them in common.
        public var dedupeKeys: [[UInt8]]
        /// The sealing keys, 20 bytes each.
        public var keyIDs: [[UInt8]]
        /// Blind indices, 16 bytes each; nil for the null sender.
        public var senderIndex: [UInt8]?
        public var recipientIndices: [[UInt8]]
        /// The version of the index key that made every index and the dedupe key.
        public var indexVersion: UInt8
        /// The mail host's key, 20 bytes, and its signature, 64; nil where it has none.
        public var origin: (keyID: [UInt8], signature: [UInt8])?
        public var authentication: Authentication
        public var labels: Set<MessageLabel>
        /// Indices of the people outside who write or are written to, under each live index key.
        public var correspondents: [BlindIndex]
        /// What a reply that names the message is recognised by, 16 bytes each.
        public var learnedIDs: [[UInt8]]
        /// Whose thread it is, if an outside system started it: the first message of it makes the thread.
        public var externalCandidate: CandidateID?
        public var head: [UInt8]
        /// Bytes of the tail.
        public var tailLength: Int
        /// Reads a range of the tail. Called on the ingesting thread, in order, never for more than 1 MiB.
        public var readTail: (Range<Int>) throws -> [UInt8]

        public init(
            dedupeKeys: [[UInt8]], keyIDs: [[UInt8]], senderIndex: [UInt8]?, recipientIndices: [[UInt8]],
            indexVersion: UInt8, origin: (keyID: [UInt8], signature: [UInt8])?,
            authentication: Authentication = .none, labels: Set<MessageLabel> = [], correspondents: [BlindIndex] = [],
            learnedIDs: [[UInt8]] = [], externalCandidate: CandidateID? = nil,
            head: [UInt8], tailLength: Int,
            readTail: @escaping (Range<Int>) throws -> [UInt8]
        ) {
            self.dedupeKeys = dedupeKeys
            self.keyIDs = keyIDs
            self.senderIndex = senderIndex
            self.recipientIndices = recipientIndices
            self.indexVersion = indexVersion
            self.origin = origin
            self.authentication = authentication
            self.labels = labels
            self.correspondents = correspondents
            self.learnedIDs = learnedIDs
            self.externalCandidate = externalCandidate
            self.head = head
            self.tailLength = tailLength
            self.readTail = readTail
        }
    }

    /// Bytes of the tail, of a record none.
    var tailLength: Int {
        guard case .content(let content) = payload else { return 0 }
        return content.tailLength
    }

    public init(
        company: CompanyID, thread: ThreadID, entry: EntryID, direction: Direction?, acceptedAt: Timestamp, size: Int?,
        host: String, queueID: String, matched: MarkerField?, spooledAt: Timestamp?, messageIDIndex: BlindIndex?,
        payload: Payload
    ) {
        self.company = company
        self.thread = thread
        self.entry = entry
        self.direction = direction
        self.acceptedAt = acceptedAt
        self.size = size
        self.host = host
        self.queueID = queueID
        self.matched = matched
        self.spooledAt = spooledAt
        self.messageIDIndex = messageIDIndex
        self.payload = payload
    }
}
