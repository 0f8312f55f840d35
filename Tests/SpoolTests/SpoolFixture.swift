import Core
import Glibc
import Sealing
import System
import TestSupport
import Testing

@testable import Spool

/// A spool in its own directory, and messages for it.
struct SpoolFixture {
    let directory = try! TemporaryDirectory("spool")

    var path: String { directory.file("spool") }

    func open(alarm: (String) -> Void = { Issue.record("unexpected alarm: \($0)") }) throws -> Spool {
        try Spool(directory: path, alarm: alarm)
    }

    static func record(_ entry: EntryID = .make(at: .now())) -> MessageRecord {
        var record = MessageRecord(
            company: CompanyID(rawValue: 7), thread: ThreadID(rawValue: 8), entry: entry, acceptedAt: .now(),
            host: "mx1.example", queueID: "4XyZ12")
        record.direction = .inbound
        record.matched = .references
        record.indexVersion = 3
        record.senderIndex = Array(repeating: 1, count: 16)
        record.recipientIndices = [Array(repeating: 2, count: 16), Array(repeating: 3, count: 16)]
        record.sealingKeyIDs = [Array(repeating: 4, count: 20)]
        return record
    }

    /// Spools a message of a host without a signing key. Returns its complete record.
    @discardableResult
    static func put(
        _ record: MessageRecord = record(), tail: [UInt8] = bytes(100), chunk: Int = 65_535, into spool: Spool
    ) throws -> MessageRecord {
        var complete = record
        complete.size = 1234
        complete.spooledAt = .now()
        complete.dedupeKeys = [Array(repeating: 9, count: 32)]
        var writer = try spool.begin(record, dedupeKeys: 1, isSigned: false)
        for start in stride(from: 0, to: tail.count, by: chunk) {
            try writer.append(Array(tail[start..<min(start + chunk, tail.count)]))
        }
        try writer.commit(head: Array("the head".utf8)) { _ in complete }
        return complete
    }

    @discardableResult
    static func put(_ tail: [UInt8], chunk: Int = 65_535, into spool: Spool) throws -> EntryID {
        try put(tail: tail, chunk: chunk, into: spool).entry
    }

    func names(_ area: String) throws -> [String] { try Spool.names(in: "\(path)/\(area)") }
}

func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) } }
