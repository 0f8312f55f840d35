import Core

/// The argument of one call of lever.ingest: an array with one lever.incoming for each message, further part or record.
struct IngestBatch {
    /// Bytes of a part of a tail; the last one of a message is shorter. The database insists on it.
    static let partLength = 1 << 20

    /// Bytes of tails in it.
    private(set) var tailBytes = 0
    private var rows = RowWriter()

    var count: Int { rows.count }

    func parameter(_ type: CompositeType) -> Parameter { rows.parameter(type) }

    /// The bytes that a part of a tail has.
    static func range(ofPart part: Int, tailLength: Int) -> Range<Int> {
        part * partLength..<min((part + 1) * partLength, tailLength)
    }

    /// Adds a record, or a message with the first part of its tail.
    mutating func append(_ entry: IngestEntry) throws {
        switch entry.payload {
        case .outcome(let outcome): rows.incoming(entry.record, outcome, nil)
        case .content(let content): try append(entry.record, content, part: 0)
        }
    }

    /// Adds a part of a message's tail, and with part 0 the message itself.
    mutating func append(_ record: MessageRecord, _ content: IngestEntry.Content, part: Int) throws {
        let bytes = try content.readTail(Self.range(ofPart: part, tailLength: content.tailLength))
        rows.incoming(
            record, .captured,
            RowWriter.Part(
                head: part == 0 ? content.head : nil, tailLength: content.tailLength, number: part, bytes: bytes))
        tailBytes += bytes.count
    }
}

extension RowWriter {
    /// What a lever.incoming has of a sealed message.
    struct Part {
        /// Nil in a further part.
        var head: [UInt8]?
        var tailLength: Int
        var number: Int
        var bytes: [UInt8]
    }

    /// One lever.incoming, in the order of its attributes; without a part, that of a message that is not stored.
    mutating func incoming(_ record: MessageRecord, _ outcome: Outcome, _ part: Part?) {
        beginRow()
        add(record.company)
        add(record.entry)
        add(record.thread)
        add(outcome)
        add(record.direction)
        add(record.size)
        add(record.host)
        add(record.queueID)
        add(record.matched)
        add(record.acceptedAt)
        add(record.spooledAt)
        add(record.messageIDIndex)
        add(record.indexVersion)
        add(record.authentication)
        add(Array(record.labels))
        add(record.senderIndex)
        add(record.recipientIndices)
        add(record.correspondents.map(\.packed))
        add(record.learnedIDs)
        add(record.dedupeKeys)
        add(record.externalCandidate)
        add(record.sealingKeyIDs)
        add(record.origin?.keyID)
        add(record.origin?.signature)
        add(part?.tailLength)
        add(part?.head)
        add((part?.number).map(Int32.init))
        add(part?.bytes)
        add(record.copyIndex)
        endRow()
    }
}
