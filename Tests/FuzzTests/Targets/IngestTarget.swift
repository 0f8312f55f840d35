import Capture
import Core

@testable import Store

/// The input becomes entries; the arguments made of them are read again as PostgreSQL reads them (array_recv and the
/// receive functions of the types), by a reader of its own.
enum IngestTarget {
    static func run(_ input: [UInt8]) throws {
        var source = ByteSource(input)
        var entries: [IngestEntry] = []
        while !source.isAtEnd, entries.count < 20 { entries.append(entry(&source)) }
        try check(entries)
    }

    /// Checks the arguments that are made of these.
    static func check(_ entries: [IngestEntry]) throws {
        var batch = IngestBatch()
        for entry in entries { try batch.append(entry) }
        let type = CompositeType(id: 100_001, array: 100_000)
        let rows = try RowReader.rows(of: batch.parameter(type), type)
        try require("there is a row for each entry", rows.count == entries.count)

        for (row, entry) in zip(rows, entries) {
            try require("a row has the attributes of lever.incoming", row.count == 29)
            func number(_ column: Int) -> Int64? {
                row[column].map { $0.reduce($0[0] & 0x80 == 0 ? 0 : -1) { $0 << 8 | Int64($1) } }
            }
            func text(_ column: Int) -> String? { row[column].map { String(decoding: $0, as: UTF8.self) } }
            func items(_ column: Int, of type: Int32 = 17) throws -> [[UInt8]] {
                try RowReader.items(of: row[column]!, type)
            }
            let record = entry.record
            try require("company", number(0) == record.company.rawValue)
            try require("entry", row[1] == record.entry.bytes)
            try require("thread", number(2) == record.thread.rawValue)
            try require("direction", text(4) == record.direction?.rawValue)
            try require("size", number(5) == record.size.map(Int64.init))
            try require("host", text(6) == record.host)
            try require("queue id", text(7) == record.queueID)
            try require("matched", text(8) == record.matched?.rawValue)
            try require("time", number(9).map { $0 / 1000 + 946_684_800_000 } == record.acceptedAt.milliseconds)
            try require(
                "time of spooling", number(10).map { $0 / 1000 + 946_684_800_000 } == record.spooledAt?.milliseconds)
            try require("message id", row[11] == record.messageIDIndex)
            try require("index version", number(12) == record.indexVersion.map(Int64.init))
            try require("authentication", text(13) == record.authentication.rawValue)
            let labels = try items(14, of: 25).map { String(decoding: $0, as: UTF8.self) }
            try require("labels", Set(labels) == Set(record.labels.map(\.rawValue)))
            try require("sender", row[15] == record.senderIndex)
            try require("recipients", items(16) == record.recipientIndices)
            try require("correspondents", items(17) == record.correspondents.map { [$0.version] + $0.bytes })
            try require("learned ids", items(18) == record.learnedIDs)
            try require("dedupe keys", items(19) == record.dedupeKeys)
            try require("external candidate", number(20) == record.externalCandidate?.rawValue)
            try require("key ids", items(21) == record.sealingKeyIDs)
            try require("host's key", row[22] == record.origin?.keyID)
            try require("signature", row[23] == record.origin?.signature)
            try require("copy index", row[28] == record.copyIndex)
            switch entry.payload {
            case .outcome(let outcome):
                try require("outcome", text(3) == outcome.rawValue)
                try require("a record brings no content", row[24..<28].allSatisfy { $0 == nil })
            case .content(let content):
                try require("captured", text(3) == "captured")
                try require("size of the tail", number(24) == Int64(content.tailLength))
                try require("head", row[25] == content.head)
                try require("part", number(26) == 0)
                try require(
                    "tail", try row[27] == content.readTail(0..<min(content.tailLength, IngestBatch.partLength)))
            }
        }
    }

    private static func entry(_ source: inout ByteSource) -> IngestEntry {
        let kind = source.byte()
        var payload = IngestEntry.Payload.outcome(Outcome.allCases[Int(kind >> 1) % Outcome.allCases.count])
        if kind & 1 == 1 {
            let tail = source.bytes()
            payload = .content(
                IngestEntry.Content(head: source.bytes(), tailLength: tail.count, readTail: { Array(tail[$0]) }))
        }
        var record = MessageRecord(
            company: CompanyID(rawValue: source.integer()), thread: ThreadID(rawValue: source.integer()),
            entry: EntryID(bytes: source.raw(16))!,
            acceptedAt: Timestamp(milliseconds: source.integer() % 253_402_300_800_000),
            host: String(decoding: source.bytes(), as: UTF8.self),
            queueID: String(decoding: source.bytes(), as: UTF8.self))
        if kind & 16 == 0 { record.direction = Direction.allCases[Int(source.byte()) % Direction.allCases.count] }
        if kind & 32 == 0 { record.size = Int(source.integer()) }
        if kind & 64 == 0 { record.matched = MarkerField.allCases[Int(source.byte()) % MarkerField.allCases.count] }
        if kind & 128 == 0 { record.spooledAt = Timestamp(milliseconds: source.integer() % 253_402_300_800_000) }
        guard !source.isAtEnd else { return IngestEntry(record, payload) }
        let version = source.byte()
        record.indexVersion = version
        record.messageIDIndex = kind & 4 == 0 ? nil : source.raw(16)
        record.senderIndex = kind & 2 == 0 ? nil : source.raw(16)
        record.recipientIndices = source.pieces(16)
        record.authentication = Authentication.allCases[Int(version) % Authentication.allCases.count]
        record.labels = Set(MessageLabel.allCases.filter { Int(version) + $0.rawValue.utf8.count & 1 == 0 })
        record.correspondents = source.pieces(16).map { BlindIndex(version: version, bytes: $0) }
        record.learnedIDs = source.pieces(16)
        record.dedupeKeys = source.pieces(32, atLeast: 1)
        record.externalCandidate = kind & 8 == 0 ? nil : CandidateID(rawValue: Int64(version))
        record.sealingKeyIDs = source.pieces(20)
        record.origin = kind & 8 == 0 ? nil : OriginSignature(keyID: source.raw(20), signature: source.raw(64))
        record.copyIndex = kind & 16 == 0 ? nil : source.raw(16)
        return IngestEntry(record, payload)
    }
}

/// An array of rows in PostgreSQL's binary format.
enum RowReader {
    /// The types of lever.incoming's attributes (pg_type.dat).
    private static let types: [Int32] = [
        20, 2950, 20, 25, 25, 20, 25, 25, 25, 1184, 1184, 17, 21, 25, 1009, 17, 1001, 1001, 1001, 1001, 20, 1001, 17,
        17, 20, 17, 23, 17, 17,
    ]

    /// The attributes of each row.
    static func rows(of parameter: Parameter, _ type: CompositeType) throws -> [[[UInt8]?]] {
        guard let bytes = parameter.bytes else { throw FuzzTarget.Broken(description: "an array is NULL") }
        try require("the array is of rows", parameter.type == type.array)
        return try items(of: bytes, Int32(type.id)).map { row in
            var input = Input(row)
            try require("there are as many attributes as types", input.number() == Int32(types.count))
            let fields = try types.map { type in
                try require("an attribute is of its type", input.number() == type)
                return try input.item()
            }
            try require("nothing is left over in a row", input.isAtEnd)
            return fields
        }
    }

    /// The elements of an array without nulls.
    static func items(of bytes: [UInt8], _ type: Int32) throws -> [[UInt8]] {
        var input = Input(bytes)
        let dimensions = try input.number()
        _ = try input.number()
        try require("the elements are of their type", input.number() == type)
        guard dimensions > 0 else {
            try require("nothing is left over of an empty array", input.isAtEnd)
            return []
        }
        try require("one dimension", dimensions == 1)
        let count = try input.number()
        try require("the first index is 1", input.number() == 1)
        let items = try (0..<count).map { _ in
            guard let item = try input.item() else { throw FuzzTarget.Broken(description: "an element is NULL") }
            return item
        }
        try require("nothing is left over", input.isAtEnd)
        return items
    }

    private struct Input {
        private let bytes: [UInt8]
        private var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { position == bytes.count }

        mutating func number() throws -> Int32 {
            guard bytes.count - position >= 4 else { throw FuzzTarget.Broken(description: "a number is cut short") }
            defer { position += 4 }
            return bytes[position..<position + 4].reduce(0) { $0 << 8 | Int32($1) }
        }

        /// A length, -1 for NULL, and the bytes.
        mutating func item() throws -> [UInt8]? {
            let length = Int(try number())
            guard length >= 0 else {
                try require("-1 is NULL", length == -1)
                return nil
            }
            try require("an element is all there", bytes.count - position >= length)
            defer { position += length }
            return Array(bytes[position..<position + length])
        }
    }
}
