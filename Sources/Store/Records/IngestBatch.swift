import Core

/// The arguments of one call of lever.ingest: parallel arrays with one element for each message, further part or
/// record.
struct IngestBatch {
    /// Bytes of a part of a tail; the last one of a message is shorter. The database insists on it.
    static let partLength = 1 << 20

    private(set) var count = 0
    /// Bytes of tails in it.
    private(set) var tailBytes = 0

    private var columns = [[Parameter]](repeating: [], count: types.count)

    private static let types: [Parameter.ElementType] = [
        .bigint, .uuid, .bigint, .text, .text, .timestamp, .bigint, .text, .text,
        .bytea, .bytea, .bytea, .bytea, .bytea, .smallint, .bytea, .bytea, .bytea, .bigint, .integer, .bytea,
        .text, .timestamp, .text, .text, .bytea, .bytea, .bigint,
    ]

    static let statement =
        "SELECT lever.ingest("
        + (1...types.count).map { "$\($0)" }.joined(separator: ", ") + ")"

    /// In the order of the function's parameters.
    var parameters: [Parameter] {
        zip(columns, Self.types).map { Parameter.array($0, of: $1) }
    }

    /// Bytes that part of a tail has.
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
        let element: [Parameter] = [
            .bigint(entry.company.rawValue), .uuid(entry.entry), .bigint(entry.thread.rawValue),
            .text(entry.direction?.rawValue), .text(outcome.rawValue), .timestamp(entry.acceptedAt),
            .bigint(entry.size.map(Int64.init)), .text(entry.host), .text(entry.queueID),
            .bytea(content.map { Array($0.dedupeKeys.joined()) }), .bytea(content.map { Array($0.keyIDs.joined()) }),
            .bytea(content?.senderIndex), .bytea(content.map { Array($0.recipientIndices.joined()) }),
            .bytea(entry.messageIDIndex?.bytes),
            .smallint((content?.indexVersion ?? entry.messageIDIndex?.version).map(Int16.init)),
            .bytea(content?.origin?.keyID), .bytea(content?.origin?.signature), .bytea(content?.head),
            .bigint(content.map { Int64($0.tailLength) }),
            .integer(part.map(Int32.init)), .bytea(bytes), .text(entry.matched?.rawValue), .timestamp(entry.spooledAt),
            .text(content?.authentication.rawValue),
            .text(content.map { $0.labels.map(\.rawValue).joined(separator: ",") }),
            .bytea(content.map { $0.correspondents.flatMap(\.packed) }),
            .bytea(content.map { Array($0.learnedIDs.joined()) }), .bigint(content?.externalCandidate?.rawValue),
        ]
        for (column, value) in element.enumerated() { columns[column].append(value) }
        count += 1
        tailBytes += bytes?.count ?? 0
    }
}
