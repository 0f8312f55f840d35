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

    static func header(_ entry: EntryID = .make(at: .now())) -> SpoolHeader {
        SpoolHeader(
            company: CompanyID(rawValue: 7), thread: ThreadID(rawValue: 8), entry: entry, acceptedAt: .now(),
            direction: .inbound, indexVersion: 3, senderIndex: Array(repeating: 1, count: 16),
            recipientIndices: [Array(repeating: 2, count: 16), Array(repeating: 3, count: 16)], messageIDIndex: [],
            sealingKeyIDs: [Array(repeating: 4, count: 20)], queueID: "4XyZ12", host: "mx1.example",
            matched: .references)
    }

    @discardableResult
    static func put(_ tail: [UInt8], chunk: Int = 65_535, into spool: Spool) throws -> EntryID {
        let header = header()
        var writer = try spool.begin(header, dedupeKeys: 1, isSigned: false)
        for start in stride(from: 0, to: tail.count, by: chunk) {
            try writer.append(Array(tail[start..<min(start + chunk, tail.count)]))
        }
        try writer.commit(head: Array("the head".utf8)) { _ in
            SpoolSeal(dedupeKeys: [Array(repeating: 9, count: 32)], size: 1234, origin: nil, spooledAt: .now())
        }
        return header.entry
    }

    func names(_ area: String) throws -> [String] { try Spool.names(in: "\(path)/\(area)") }
}

func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) } }
