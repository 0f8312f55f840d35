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
        let columns = try batch.parameters.map { try ArrayReader.elements(of: $0) }
        try require("there are as many arguments as the function has", columns.count == 28)
        try require("arguments have one element an entry", columns.allSatisfy { $0.count == entries.count })

        for (index, entry) in entries.enumerated() {
            let element = columns.map { $0[index] }
            func number(_ column: Int) -> Int64? {
                element[column].map { $0.reduce($0[0] & 0x80 == 0 ? 0 : -1) { $0 << 8 | Int64($1) } }
            }
            func text(_ column: Int) -> String? { element[column].map { String(decoding: $0, as: UTF8.self) } }
            try require("company", number(0) == entry.company.rawValue)
            try require("entry", element[1] == entry.entry.bytes)
            try require("thread", number(2) == entry.thread.rawValue)
            try require("direction", text(3) == entry.direction?.rawValue)
            try require("time", number(5).map { $0 / 1000 + 946_684_800_000 } == entry.acceptedAt.milliseconds)
            try require("size", number(6) == entry.size.map(Int64.init))
            try require("host", text(7) == entry.host)
            try require("queue id", text(8) == entry.queueID)
            try require("message id", element[13] == entry.messageIDIndex?.bytes)
            try require("matched", text(21) == entry.matched?.rawValue)
            try require(
                "time of spooling", number(22).map { $0 / 1000 + 946_684_800_000 } == entry.spooledAt?.milliseconds)
            switch entry.payload {
            case .record(let outcome):
                try require("outcome", text(4) == outcome.rawValue)
                try require(
                    "a record brings no content",
                    (element[9...12] + element[15...20] + element[23...27]).allSatisfy { $0 == nil })
            case .content(let content):
                try require("captured", text(4) == "captured")
                try require("dedupe keys", element[9] == Array(content.dedupeKeys.joined()))
                try require("key ids", element[10] == Array(content.keyIDs.joined()))
                try require("sender", element[11] == content.senderIndex)
                try require("recipients", element[12] == Array(content.recipientIndices.joined()))
                try require("index version", number(14) == Int64(content.indexVersion))
                try require("host's key", element[15] == content.origin?.keyID)
                try require("signature", element[16] == content.origin?.signature)
                try require("head", element[17] == content.head)
                try require("size of the tail", number(18) == Int64(content.tailLength))
                try require("part", number(19) == 0)
                try require("authentication", text(23) == content.authentication.rawValue)
                let labels = Set(text(24)!.split(separator: ",").map(String.init))
                try require("labels", labels == Set(content.labels.map(\.rawValue)))
                try require("correspondents", element[25]?.count == 17 * content.correspondents.count)
                try require("learned ids", element[26] == Array(content.learnedIDs.joined()))
                try require("outside candidate", number(27) == content.externalCandidate?.rawValue)
                try require(
                    "tail", try element[20] == content.readTail(0..<min(content.tailLength, IngestBatch.partLength)))
            }
        }
    }

    private static func entry(_ source: inout ByteSource) -> IngestEntry {
        let kind = source.byte()
        let directions = Direction.allCases
        var messageIDIndex: BlindIndex?
        let payload: IngestEntry.Payload
        if kind & 1 == 0 {
            payload = .record(Outcome.allCases[Int(source.byte()) % Outcome.allCases.count])
        } else {
            let tail = source.bytes()
            let (dedupeKeys, keyIDs) = (source.pieces(32, atLeast: 1), source.pieces(20))
            let sender = kind & 2 == 0 ? nil : source.raw(16)
            let recipients = source.pieces(16)
            let messageID = kind & 4 == 0 ? nil : source.raw(16)
            let version = source.byte()
            messageIDIndex = messageID.map { BlindIndex(version: version, bytes: $0) }
            payload = .content(
                IngestEntry.Content(
                    dedupeKeys: dedupeKeys, keyIDs: keyIDs, senderIndex: sender, recipientIndices: recipients,
                    indexVersion: version, origin: kind & 8 == 0 ? nil : (source.raw(20), source.raw(64)),
                    // Of bytes that were read already, so that kept inputs mean what they meant.
                    authentication: Authentication.allCases[Int(version) % Authentication.allCases.count],
                    labels: Set(MessageLabel.allCases.filter { Int(version) + $0.rawValue.utf8.count & 1 == 0 }),
                    correspondents: recipients.map { BlindIndex(version: version, bytes: $0) }, learnedIDs: recipients,
                    externalCandidate: kind & 4 == 0 ? nil : CandidateID(rawValue: Int64(version)),
                    head: source.bytes(),
                    tailLength: tail.count, readTail: { Array(tail[$0]) }))
        }
        return IngestEntry(
            company: CompanyID(rawValue: source.integer()), thread: ThreadID(rawValue: source.integer()),
            entry: EntryID(bytes: source.raw(16))!,
            direction: kind & 16 == 0 ? nil : directions[Int(source.byte()) % directions.count],
            acceptedAt: Timestamp(milliseconds: source.integer() % 253_402_300_800_000),
            size: kind & 32 == 0 ? nil : Int(source.integer()),
            host: String(decoding: source.bytes(), as: UTF8.self),
            queueID: String(decoding: source.bytes(), as: UTF8.self),
            matched: kind & 64 == 0 ? nil : MarkerField.allCases[Int(source.byte()) % MarkerField.allCases.count],
            spooledAt: kind & 128 == 0 ? nil : Timestamp(milliseconds: source.integer() % 253_402_300_800_000),
            messageIDIndex: messageIDIndex, payload: payload)
    }
}

/// An array of one dimension in PostgreSQL's binary format.
enum ArrayReader {
    static func elements(of parameter: Parameter) throws -> [[UInt8]?] {
        guard let bytes = parameter.bytes else { throw FuzzTarget.Broken(description: "an array is NULL") }
        var position = 0
        func number() throws -> Int32 {
            guard bytes.count - position >= 4 else { throw FuzzTarget.Broken(description: "an array is cut short") }
            defer { position += 4 }
            return bytes[position..<position + 4].reduce(0) { $0 << 8 | Int32($1) }
        }
        try require("one dimension", number() == 1)
        try require("nulls are announced", number() == 1)
        // pg_type.dat: an array's type is not its elements' type.
        let arrays: [Int32: UInt32] = [
            17: 1001, 20: 1016, 21: 1005, 23: 1007, 25: 1009, 1184: 1185, 2950: 2951,
        ]
        try require("the types of array and elements agree", arrays[number()] == parameter.type)
        let count = try number()
        try require("the first index is 1", number() == 1)
        var elements: [[UInt8]?] = []
        for _ in 0..<count {
            let length = Int(try number())
            guard length >= 0 else {
                try require("-1 is NULL", length == -1)
                elements.append(nil)
                continue
            }
            try require("an element is all there", bytes.count - position >= length)
            elements.append(Array(bytes[position..<position + length]))
            position += length
        }
        try require("nothing is left over", position == bytes.count)
        return elements
    }
}
