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
        case .record(let outcome): append(entry, outcome, content: nil, part: nil, bytes: nil)
        case .content(let content): try append(entry, content, part: 0)
        }
    }

    /// Adds a part of a message's tail, and with part 0 the message itself.
    mutating func append(_ entry: IngestEntry, _ content: IngestEntry.Content, part: Int) throws {
        let bytes = try content.readTail(Self.range(ofPart: part, tailLength: content.tailLength))
        append(entry, .captured, content: part == 0 ? content : nil, part: part, bytes: bytes)
    }

    private mutating func append(
        _ entry: IngestEntry, _ outcome: Outcome, content: IngestEntry.Content?, part: Int?, bytes: [UInt8]?
    ) {
        rows.incoming(entry, outcome, content, part: part, bytes: bytes)
        tailBytes += bytes?.count ?? 0
    }
}

extension RowWriter {
    /// One lever.incoming, in the order of its attributes.
    mutating func incoming(
        _ entry: IngestEntry, _ outcome: Outcome, _ content: IngestEntry.Content?, part: Int?, bytes: [UInt8]?
    ) {
        beginRow()
        add(entry.company)
        add(entry.entry)
        add(entry.thread)
        add(outcome)
        add(entry.direction)
        add(entry.size)
        add(entry.host)
        add(entry.queueID)
        add(entry.matched)
        add(entry.acceptedAt)
        add(entry.spooledAt)
        add(entry.messageIDIndex?.bytes)
        add(content?.indexVersion ?? entry.messageIDIndex?.version)
        add(content?.authentication)
        add(content.map { Array($0.labels) })
        add(content?.senderIndex)
        add(content?.recipientIndices)
        add(content?.correspondents.map(\.packed))
        add(content?.learnedIDs)
        add(content?.dedupeKeys)
        add(content?.externalCandidate)
        add(content?.keyIDs)
        add(content?.origin?.keyID)
        add(content?.origin?.signature)
        add(content?.tailLength)
        add(content?.head)
        add(part.map(Int32.init))
        add(bytes)
        endRow()
    }
}
