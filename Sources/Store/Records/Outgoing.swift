public import Core

/// A sealed outgoing message with what is stored beside it, as `IngestEntry.Content`.
public struct Outgoing: Sendable {
    public var company: CompanyID
    public var candidate: CandidateID
    public var thread: ThreadID
    public var entry: EntryID
    public var direction: Direction
    public var writtenAt: Timestamp
    public var sealed: SealedMessage
    /// Bytes of the raw message.
    public var size: Int
    /// 20 bytes each.
    public var keyIDs: [[UInt8]]
    public var dedupeKeys: [[UInt8]]
    public var indexVersion: UInt8
    public var senderIndex: [UInt8]
    public var recipientIndices: [[UInt8]]
    public var messageIDIndex: [UInt8]
    public var correspondents: [BlindIndex]

    public init(
        company: CompanyID, candidate: CandidateID, thread: ThreadID, entry: EntryID, direction: Direction,
        writtenAt: Timestamp, sealed: SealedMessage, size: Int, keyIDs: [[UInt8]], dedupeKeys: [[UInt8]],
        indexVersion: UInt8, senderIndex: [UInt8], recipientIndices: [[UInt8]], messageIDIndex: [UInt8],
        correspondents: [BlindIndex]
    ) {
        self.company = company
        self.candidate = candidate
        self.thread = thread
        self.entry = entry
        self.direction = direction
        self.writtenAt = writtenAt
        self.sealed = sealed
        self.size = size
        self.keyIDs = keyIDs
        self.dedupeKeys = dedupeKeys
        self.indexVersion = indexVersion
        self.senderIndex = senderIndex
        self.recipientIndices = recipientIndices
        self.messageIDIndex = messageIDIndex
        self.correspondents = correspondents
    }
}
