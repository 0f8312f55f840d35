import Core
import Foundation
import Spool
import TestSupport

/// The spool alone: files are written, made durable and found for delivery.
enum SpoolSuite: Suite {
    static let name = "spool"
    static let title = "Into the spool, without the filter around it"

    private static let tail = [UInt8](repeating: 0x55, count: 12_000)

    static func run(_ plan: Plan) throws -> [Line] {
        let directory = try TemporaryDirectory("spool")
        let spool = try Spool(directory: directory.file("spool"), alarm: { print($0) })
        try write(spool)
        let names = try spool.waiting()
        let raw = try RawSpool(size: contents(of: "\(spool.directory)/new/\(names[0])").count)
        let duration = plan.pick(1.5, quick: 0.2)
        return try [1, 4, 16].map { threads in
            let results = try interleaved(
                plan.rounds(9, quick: 3),
                [
                    { try rate(spool, threads: threads, duration: duration) },
                    { try raw.rate(threads: threads, duration: duration) },
                ])
            return Line(
                name, "12 KB, \(threads) thread\(threads == 1 ? "" : "s"): messages", Samples(results[0]), "1/s",
                against: ("raw fsync loop", Samples(results[1])))
        }
    }

    private static func rate(_ spool: Spool, threads: Int, duration: Double) throws -> Double {
        let start = now()
        let deadline = start + duration
        let counts = try inThreads(threads) { _ in
            var count = 0
            while now() < deadline {
                try write(spool)
                count += 1
            }
            return count
        }
        return Double(counts.reduce(0, +)) / (now() - start)
    }

    private static func write(_ spool: Spool) throws {
        var record = MessageRecord(
            company: CompanyID(rawValue: 1), thread: ThreadID(rawValue: 1), entry: .make(at: .now()),
            acceptedAt: .now(), host: "mx1", queueID: "4XyZ12")
        record.direction = .inbound
        record.matched = .inReplyTo
        record.indexVersion = 1
        record.messageIDIndex = bytes(16)
        record.senderIndex = bytes(16)
        record.recipientIndices = [bytes(16)]
        record.sealingKeyIDs = [bytes(20)]
        var writer = try spool.begin(record, dedupeKeys: 1, isSigned: false)
        try writer.append(tail)
        record.dedupeKeys = [bytes(32)]
        (record.size, record.spooledAt) = (tail.count, .now())
        try writer.commit(head: bytes(340)) { _ in record }
    }

    private static func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0xaa, count: count) }
}
