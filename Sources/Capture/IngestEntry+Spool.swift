public import Core
public import Spool
public import Store

extension IngestEntry {
    /// A message of the spool; its tail is read from there part by part.
    public init(_ message: SpooledMessage) {
        self.init(
            message.header, message.seal, spooledAt: message.seal.spooledAt, head: message.head,
            tailLength: message.tailLength, readTail: { try message.readTail($0) })
    }

    /// A sealed message. `spooledAt` is nil where it never was in a spool; `readTail` gives a part of its tail, which
    /// has that many bytes.
    public init(
        _ header: SpoolHeader, _ seal: SpoolSeal, spooledAt: Timestamp?, head: [UInt8], tailLength: Int,
        readTail: @escaping (Range<Int>) throws -> [UInt8]
    ) {
        self.init(
            company: header.company, thread: header.thread, entry: header.entry, direction: header.direction,
            acceptedAt: header.acceptedAt, size: seal.size, host: header.host, queueID: header.queueID,
            matched: header.matched, spooledAt: spooledAt, messageIDIndex: header.blindMessageID,
            payload: .content(
                Content(
                    dedupeKeys: seal.dedupeKeys, keyIDs: header.sealingKeyIDs,
                    senderIndex: header.senderIndex.isEmpty ? nil : header.senderIndex,
                    recipientIndices: header.recipientIndices, indexVersion: header.indexVersion,
                    origin: seal.origin.map { ($0.keyID, $0.signature) }, authentication: header.authentication,
                    labels: header.labels, correspondents: header.correspondents, learnedIDs: header.learnedIDs,
                    externalCandidate: header.externalCandidate, head: head, tailLength: tailLength,
                    readTail: readTail)))
    }
}
