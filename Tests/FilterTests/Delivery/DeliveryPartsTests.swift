import Capture
import Core
import Glibc
import Spool
import Testing
import TestSupport

@testable import Delivery

@Suite struct BackoffTests {
    @Test func `the wait doubles to its maximum, spread over its upper half, and starts over`() {
        var generator = SystemRandomNumberGenerator()
        var backoff = Backoff(1...10)
        for ceiling in [1.0, 2, 4, 8, 10, 10] {
            let wait = backoff.next(using: &generator)
            #expect((ceiling / 2...ceiling).contains(wait))
        }
        backoff.reset()
        #expect(backoff.next(using: &generator) <= 1)
    }

    @Test func `two hosts do not wait alike`() {
        var generator = SystemRandomNumberGenerator()
        let waits = (0..<20).map { _ in
            var backoff = Backoff(100...100)
            return backoff.next(using: &generator)
        }
        #expect(Set(waits).count > 1)
    }
}

@Suite struct RoutingFileTests {
    private let rows = FilterFixture.rows(sealingKey: [1, 2, 3])

    @Test func `the copy is read back, and is for its owner alone`() throws {
        let directory = try TemporaryDirectory("routing")
        let file = RoutingFile(path: directory.file("routing"))
        #expect(try file.load() == nil)
        try file.save(rows)
        #expect(try file.load() == rows)
        var status = stat()
        #expect(stat(file.path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test func `an unchanged copy is not written again`() throws {
        let directory = try TemporaryDirectory("routing")
        let file = RoutingFile(path: directory.file("routing"))
        try file.save(rows)
        var before = stat()
        stat(file.path, &before)
        try file.save(rows)
        var after = stat()
        stat(file.path, &after)
        #expect(before.st_ino == after.st_ino)
        try file.save(Array(rows.dropLast()))
        #expect(try file.load() == Array(rows.dropLast()))
    }

    @Test func `a damaged copy is refused wherever the damage is`() throws {
        let directory = try TemporaryDirectory("routing")
        let file = RoutingFile(path: directory.file("routing"))
        try file.save(rows)
        let whole = try contents(of: file.path)
        for position in whole.indices {
            var damaged = whole
            damaged[position] ^= 4
            try directory.write("routing", damaged)
            #expect(throws: RoutingFile.Damaged.self) { try file.load() }
        }
        for length in 0..<whole.count {
            try directory.write("routing", Array(whole[..<length]))
            #expect(throws: RoutingFile.Damaged.self) { try file.load() }
        }
    }

    @Test func `rows that make no sense leave routing as it was`() throws {
        let directory = try TemporaryDirectory("routing")
        let table = RoutingTable(try Routing(rows: rows), file: RoutingFile(path: directory.file("routing")))
        #expect(throws: Routing.Invalid.self) {
            try table.replace(with: [Routing.Row(company: CompanyID(rawValue: 1), item: .company, name: "?")])
        }
        #expect(table.current.count == 3)
    }

    @Test func `what is new is told from what was known before`() throws {
        let directory = try TemporaryDirectory("routing")
        let table = RoutingTable(.empty, file: RoutingFile(path: directory.file("routing")))
        #expect(try table.replace(with: rows))
        #expect(try !table.replace(with: rows))
        #expect(
            try table.replace(with: rows + [Routing.Row(company: CompanyID(rawValue: 9), item: .company, name: "off")]))
        #expect(table.current.count == 4)
    }

    @Test func `what cannot be kept on disk is in force all the same`() throws {
        let table = RoutingTable(.empty, file: RoutingFile(path: "/proc/routing"))
        #expect(throws: SpoolError.self) { try table.replace(with: rows) }
        #expect(table.current.count == 3)
    }
}

@Suite struct DispositionQueueTests {
    private func report(_ number: Int) -> Disposition {
        Disposition(.badSignature, queueID: String(number), found: nil)
    }

    @Test func `reports leave in order and can be put back`() {
        let queue = DispositionQueue()
        for number in 0..<5 { queue.add(report(number)) }
        let taken = queue.take(3)
        #expect(taken.map(\.queueID) == ["0", "1", "2"])
        queue.restore(taken)
        #expect(queue.take(100).map(\.queueID) == ["0", "1", "2", "3", "4"])
        #expect(queue.take(100).isEmpty)
    }

    @Test func `with the database away for long the newest are kept`() {
        let queue = DispositionQueue()
        for number in 0...DispositionQueue.limit { queue.add(report(number)) }
        let all = queue.take(.max)
        #expect(all.count <= DispositionQueue.limit)
        #expect(all.last?.queueID == String(DispositionQueue.limit))
    }
}
