import Core
import Spool
import System
import TestSupport
import Testing

@testable import Delivery

/// The order in which waiting messages are tried.
@Suite struct WaitingMessagesTests {
    private typealias Item = WaitingMessages.Item

    private static let (acme, globex) = (CompanyID(rawValue: 1), CompanyID(rawValue: 2))

    private func item(_ number: Int, _ area: Spool.Area = .new) -> Item {
        Item(name: .entry(UInt64(number), 0), area: area)
    }

    private func next(_ waiting: inout WaitingMessages) throws -> WaitingMessages.Batch {
        let batch = waiting.next(64, now: 0)
        return try #require(batch)
    }

    /// So many of Globex, then one of Acme.
    private func backlog(_ count: Int) -> WaitingMessages {
        var waiting = WaitingMessages()
        for number in 0..<count { waiting.add(item(number), of: Self.globex) }
        waiting.add(item(count), of: Self.acme)
        return waiting
    }

    @Test func `companies take turns, and each one's messages go in order`() throws {
        var waiting = backlog(100_000)
        let first = try next(&waiting)
        #expect(first.company == Self.globex && first.items == (0..<64).map { item($0) })
        let second = try next(&waiting)
        #expect(second.company == Self.acme && second.items == [item(100_000)])
        #expect(try next(&waiting).items == (64..<128).map { item($0) })
        #expect(waiting.nextAttempt == 0)
    }

    @Test func `what was delivered once goes before what is new`() throws {
        var waiting = WaitingMessages()
        waiting.add(item(2), of: Self.acme)
        waiting.add(item(1, .redeliver), of: Self.acme)
        #expect(try next(&waiting).items == [item(1, .redeliver)])
        #expect(try next(&waiting).items == [item(2)])
        let third = waiting.next(10, now: 0)
        #expect(third == nil && waiting.nextAttempt == nil)
    }

    @Test func `after a batch that was held up a company gets one message at a time, then twice as many`() throws {
        var waiting = backlog(100)
        let batch = try next(&waiting)
        let delay = waiting.heldUp(batch, seconds: 0.25, now: 0, delays: 1...60)
        #expect(delay == nil)
        #expect(try next(&waiting).company == Self.acme)
        var sizes: [Int] = []
        while let next = waiting.next(64, now: 0) {
            sizes.append(next.items.count)
            waiting.succeeded(next, seconds: 0.01, now: 0)
        }
        #expect(sizes == [1, 2, 4, 8, 16, 32, 37])
    }

    @Test func `a message that is held up alone waits longer each time, and its company rests`() throws {
        var waiting = WaitingMessages()
        waiting.add(item(1), of: Self.acme)
        waiting.add(item(2), of: Self.acme)
        var now = 0.0
        var delays: [Double] = []
        var others = 0
        _ = waiting.next(10, now: now).map { waiting.heldUp($0, seconds: 0.25, now: now, delays: 1...60) }
        while delays.count < 8 {
            guard let batch = waiting.next(10, now: now) else {
                now = try #require(waiting.nextAttempt)
                continue
            }
            if batch.items == [item(1)] {
                let delay = waiting.heldUp(batch, seconds: 0.25, now: now, delays: 1...60)
                delays.append(try #require(delay))
            } else {
                waiting.succeeded(batch, seconds: 0.01, now: now)
                batch.items.forEach { waiting.forget($0, of: Self.acme) }
                others += batch.items.count
            }
        }
        #expect(delays == [1, 2, 4, 8, 16, 32, 60, 60])
        #expect(others == 1)
        #expect(waiting.postponed == (1, 1))
    }

    @Test func `when one postponed message goes through, the others of its company are tried at once`() throws {
        var waiting = WaitingMessages()
        for number in 1...5 { waiting.add(item(number), of: Self.acme) }
        var now = 0.0
        // Each alone, for long.
        _ = waiting.next(10, now: now).map { waiting.heldUp($0, seconds: 0.25, now: now, delays: 600...600) }
        while waiting.postponed.messages < 5 {
            guard let batch = waiting.next(10, now: now) else {
                now = try #require(waiting.nextAttempt)
                continue
            }
            #expect(batch.items.count == 1)
            _ = waiting.heldUp(batch, seconds: 0.25, now: now, delays: 600...600)
        }
        now = try #require(waiting.nextAttempt)
        var done = 0
        while let batch = waiting.next(10, now: now) {
            waiting.succeeded(batch, seconds: 0.01, now: now)
            batch.items.forEach { waiting.forget($0, of: Self.acme) }
            done += batch.items.count
        }
        #expect(done == 5 && waiting.postponed == (0, 0))
    }

    @Test func `companies that are held up for ever take a small part of the time`() {
        var waiting = WaitingMessages()
        let stuck = (10..<30).map { CompanyID(rawValue: $0) }
        for (place, company) in stuck.enumerated() {
            for number in 0..<100 { waiting.add(item(place * 1000 + number), of: company) }
        }
        // A quarter of a second for each attempt that is held up, a hundredth for Acme's.
        var (now, lost, longest, last) = (0.0, 0.0, 0.0, 0.0)
        var number = 1_000_000
        while now < 3600 {
            waiting.add(item(number), of: Self.acme)
            number += 1
            while let batch = waiting.next(64, now: now) {
                if batch.company == Self.acme {
                    now += 0.01
                    longest = max(longest, now - last)
                    last = now
                    waiting.succeeded(batch, seconds: 0.01, now: now)
                    break
                }
                now += 0.25
                lost += 0.25
                _ = waiting.heldUp(batch, seconds: 0.25, now: now, delays: 1...60)
            }
            now += 0.01
        }
        // The first time, each of them costs two attempts.
        #expect(longest < 11)
        #expect(lost < 3600 * 0.3)
    }

    @Test func `a slow batch makes the company's next one smaller`() throws {
        var waiting = backlog(200)
        let batch = try next(&waiting)
        waiting.succeeded(batch, seconds: 5, now: 0)
        _ = waiting.next(64, now: 0)
        #expect(try next(&waiting).items.count == 32)
    }

    @Test func `what was taken and not tried comes back in its order`() throws {
        var waiting = backlog(10)
        let (first, _, third) = (waiting.next(4, now: 0)!, waiting.next(4, now: 0)!, waiting.next(4, now: 0)!)
        waiting.restore(third)
        waiting.restore(first)
        #expect(try next(&waiting).items == (0..<10).map { item($0) })
    }

    @Test func `a listing adds what is not known, the oldest first; the last listing is read first`() throws {
        let directory = try TemporaryDirectory("listing")
        func list(_ waiting: inout WaitingMessages) throws {
            waiting.list(try DirectoryNames(directory.path), in: .new)
        }
        let names = (0..<20).map { EntryID.make(at: Timestamp(milliseconds: Int64($0) * 1000)).description }
        for name in names[..<10] { try directory.write(name, "") }
        try directory.write("by-hand", "")
        var waiting = WaitingMessages()
        try list(&waiting)
        try list(&waiting)
        for name in names[10...] { try directory.write(name, "") }
        try list(&waiting)
        var read: [String] = []
        while let item = waiting.nextUnread() { read.append(item.name.text) }
        #expect(read == Array(names[10...] + names[..<10]) + ["by-hand"])
        // What is finished and still there is found again.
        waiting.forget(Item(name: SpoolFileName(names[3]), area: .new), of: Self.acme)
        try list(&waiting)
        let again = waiting.nextUnread()
        #expect(again?.name.text == names[3] && !waiting.hasUnread)
    }
}
