import Capture
import Core
import Foundation
import Inspection
import Spool
import Store
import TestSupport

/// The cost of a great many learned ids to a mail host.
enum LearnedSuite: Suite {
    static let name = "learned"
    static let title = "Many learned ids"

    static func run(_ plan: Plan) throws -> [Line] {
        let site = try Site()
        let none = try RememberingSpool(site: site, ids: 0)
        return try plan.pick([1_000_000, 10_000_000], quick: [1_000_000]).flatMap { ids in
            let many = try RememberingSpool(site: site, ids: ids)
            return try lines(plan, none, many)
        }
    }

    private static func lines(_ plan: Plan, _ none: RememberingSpool, _ many: RememberingSpool) throws -> [Line] {
        func point(_ curve: String) -> Line.Point { .init(curve: curve, axis: "ids", x: Double(many.ids)) }
        let load = Samples(try (0..<plan.rounds(5, quick: 1)).map { _ in try many.loadTime() })
        let (empty, full) = (try none.filter(), try many.filter())
        let memory = try residentMemory(of: full.pid) - residentMemory(of: empty.pid)
        let title = "\(many.ids / 1_000_000) million ids"
        var lines = [
            Line(name, "\(title): loaded from the copy on disk", load, "s", point: point("loaded")),
            Line(
                name, "\(title): additional memory of the daemon", Samples([Double(memory) / 1e6]), "MB",
                target: .valueAtMost(24 * Double(many.ids) / 1e6), point: point("memory")),
        ]
        let duration = plan.pick(1.5, quick: 0.5)
        // Four ids in References and In-Reply-To, none of them known, as in most of a company's mail.
        let mails: [Mail] = [.reply(size: 1000)]
        let results = try interleaved(
            plan.rounds(9, quick: 3),
            [full, empty].map { filter in
                {
                    try MilterLoad(sessions: 8, duration: duration, mails: mails).run(
                        on: filter, endingAt: .endOfHeader
                    )
                    .processorTimeOfMessage
                }
            })
        lines.append(
            Line(
                name, "\(title): processor time of a reply that names other ids", Samples(results[0]), "us",
                against: ("no id", Samples(results[1])), point: point("a reply")))
        return lines
    }
}

/// A spool with copies of routing and of that many learned ids, for a daemon without a database.
final class RememberingSpool {
    let ids: Int
    private let site: Site
    private let directory: TemporaryDirectory
    private let file: LearnedThreadsFile

    init(site: Site, ids: Int) throws {
        (self.site, self.ids) = (site, ids)
        directory = try TemporaryDirectory("learned")
        try directory.makeDirectory("spool", mode: 0o700)
        try RoutingFile(path: directory.file("spool/routing")).save(IngestSession(site.ingestDatabase).routing())
        file = LearnedThreadsFile(path: directory.file("spool/learned"))
        var generator = SplitMix64(seed: 1)
        var writer = try file.rewrite()
        try writer.append(LearnedThreadsFile.Block(.source, bytes: Array("benchmark".utf8)))
        let page = 50_000
        for start in stride(from: 0, to: ids, by: page) {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(16 * page)
            for _ in start..<min(start + page, ids) {
                for number in [generator.next(), generator.next() >> 1] {
                    withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
                }
            }
            try writer.append(LearnedThreadsFile.Block(.threads, bytes: bytes))
        }
        try writer.append(LearnedThreadsFile.Block(.horizon, number: 1))
        try writer.commit()
    }

    /// Seconds to load the file into the lookup table.
    func loadTime() throws -> Double {
        let memory = LearnedThreads()
        let start = now()
        _ = try memory.take(file)
        let time = now() - start
        guard memory.threads.count == ids else { throw HarnessError("the copy has not \(ids) ids") }
        return time
    }

    func filter() throws -> LeverMilter {
        try LeverMilter(
            site: site, spool: directory.file("spool"), database: "host=127.0.0.1 port=1 dbname=nowhere")
    }
}
