import Core
import Glibc
import TestSupport
import Testing

@testable import Spool

/// Delivered messages that are kept.
@Suite struct DoneTests {
    private let fixture = SpoolFixture()

    /// Delivers a message of that many bytes, that many seconds ago.
    @discardableResult
    private func deliver(_ size: Int = 10, ago: Int = 0, in spool: Spool) throws -> String {
        let name = try SpoolFixture.put(bytes(size), into: spool).description
        _ = try spool.keepDelivered(name)
        let time = timespec(tv_sec: Glibc.time(nil) - ago, tv_nsec: 0)
        #expect(utimensat(AT_FDCWD, "\(fixture.path)/delivered/\(name)", [time, time], 0) == 0)
        return name
    }

    @Test func `a delivered message is kept whole, and its age counts from the delivery`() throws {
        let spool = try fixture.open()
        let name = try SpoolFixture.put(bytes(100), into: spool).description
        let old = timespec(tv_sec: 1, tv_nsec: 0)
        #expect(utimensat(AT_FDCWD, "\(fixture.path)/new/\(name)", [old, old], 0) == 0)
        #expect(try spool.keepDelivered(name) >= 100)
        #expect(try spool.waiting() == [])
        #expect(try spool.waiting(in: .delivered) == [name])
        try spool.open(name, in: .delivered).verify()
        let left = try spool.tidyDelivered(Spool.DeliveredLimit(age: 60, bytes: 1 << 20))
        #expect(left.files == 1)
        #expect(try SpoolListing.delivered(directory: fixture.path).map(\.name) == [name])
        #expect(throws: SpoolError.self) { try spool.keepDelivered(name) }
    }

    @Test(arguments: [(0, 0), (1, 1), (50, 1), (100, 2), (3600, 3), (604_800, 4)])
    func `delivered files past their age are removed`(age: Int, left: Int) throws {
        let spool = try fixture.open()
        for ago in [200_000, 2000, 90, 0] { try deliver(ago: ago, in: spool) }
        #expect(try spool.tidyDelivered(Spool.DeliveredLimit(age: age, bytes: 1 << 30)).files == left)
        #expect(try spool.waiting(in: .delivered).count == left)
    }

    @Test func `a clock set back keeps what was delivered after it`() throws {
        let spool = try fixture.open()
        try deliver(ago: -5000, in: spool)
        #expect(try spool.tidyDelivered(Spool.DeliveredLimit(age: 60, bytes: 1 << 30)).files == 1)
        #expect(try spool.tidyDelivered(Spool.DeliveredLimit(age: 60, bytes: 0)) == Spool.Amount())
    }

    @Test func `above the size limit the oldest files go first`() throws {
        let spool = try fixture.open()
        let names = try (0..<16).map { try deliver(40_000, ago: $0 * 100, in: spool) }
        let all = try spool.tidyDelivered(Spool.DeliveredLimit(age: 3600, bytes: 1 << 30))
        #expect(all.files == 16)
        let each = all.bytes / 16
        // Somewhat below the limit, so that there is room for the next ones.
        let left = try spool.tidyDelivered(Spool.DeliveredLimit(age: 3600, bytes: 8 * each))
        #expect(
            left
                == {
                    var amount = Spool.Amount(); amount.files = 7; amount.bytes = 7 * each; return amount
                }())
        #expect(try Set(spool.waiting(in: .delivered)) == Set(names.prefix(7)))
    }

    @Test func `among files of one age as many stay as fit the size limit`() throws {
        let spool = try fixture.open()
        for _ in 0..<16 { try deliver(40_000, in: spool) }
        let all = try spool.tidyDelivered(Spool.DeliveredLimit(age: 3600, bytes: 1 << 30))
        #expect(try spool.tidyDelivered(Spool.DeliveredLimit(age: 3600, bytes: all.bytes / 2)).files == 7)
    }

    @Test func `delivered files take no more of the disk than they leave free`() throws {
        let mount = try Mount(at: try fixture.directory.makeDirectory("spool"), "size=1024k")
        defer { mount.unmount() }
        let spool = try fixture.open()
        for ago in 0..<20 { try deliver(40_000, ago: ago * 10, in: spool) }
        let left = try spool.tidyDelivered(Spool.DeliveredLimit(age: 3600, bytes: 1 << 30))
        #expect(left.files > 5 && left.bytes <= 512 * 1024)
    }

    @Test func `a request for room removes all delivered files, and is taken once`() throws {
        let spool = try fixture.open()
        for _ in 0..<3 { try deliver(in: spool) }
        #expect(!spool.takeRoomRequest())
        spool.requestRoom()
        #expect(spool.takeRoomRequest())
        #expect(!spool.takeRoomRequest())
        var cleared = Spool.Amount()
        #expect(try spool.clearDelivered(&cleared))
        #expect(cleared.files == 3)
        #expect(try spool.waiting(in: .delivered) == [])
    }

    @Test func `all delivered files are redelivered, also after a crash midway or a restart`() throws {
        var names: [String] = []
        do {
            let spool = try fixture.open()
            for _ in 0..<600 { names.append(try deliver(in: spool)) }
            // A crash in the middle of it.
            for name in names.prefix(3) {
                #expect(rename("\(fixture.path)/delivered/\(name)", "\(fixture.path)/redeliver/\(name)") == 0)
            }
        }
        let spool = try fixture.open()
        #expect(try spool.redeliverAll() == 597)
        #expect(try spool.redeliverAll() == 0)
        #expect(try spool.waiting(in: .delivered) == [])
        #expect(try spool.waiting(in: .redeliver) == names.sorted())
        // These must be delivered again, so they cannot be removed for room.
        var cleared = Spool.Amount()
        #expect(try spool.clearDelivered(&cleared))
        #expect(cleared.files == 0)
        try spool.tidyDelivered(Spool.DeliveredLimit(age: 0, bytes: 0))
        #expect(try spool.waiting(in: .redeliver).count == 600)
        #expect(try SpoolListing(directory: fixture.path).redeliver.count == 600)
        _ = try spool.keepDelivered(names[0], from: .redeliver)
        try spool.quarantine(names[1], from: .redeliver, reason: "test")
        #expect(try spool.waiting(in: .redeliver).count == 598)
    }

    @Test func `all delivered files become those to be redelivered at once, if none of these is left`() throws {
        let spool = try fixture.open()
        let names = try (0..<600).map { _ in try deliver(in: spool) }.sorted()
        #expect(try spool.redeliverAll() == 600)
        #expect(try spool.waiting(in: .redeliver) == names)
        // There is a new directory for those that are delivered from now on.
        #expect(try spool.waiting(in: .delivered) == [])
        _ = try spool.keepDelivered(names[0], from: .redeliver)
        #expect(try spool.waiting(in: .delivered) == [names[0]])
    }

    @Test func `records are read one by one, also while files go, and damaged files are skipped`() throws {
        let spool = try fixture.open()
        let names = try (0..<7).map { _ in try deliver(in: spool) }
        #expect(truncate("\(fixture.path)/delivered/\(names[3])", 20) == 0)
        let walk = try SpoolWalk(spool, .delivered)
        var seen: [String] = []
        while let (name, record) = walk.next() {
            #expect(record.entry.description == name && record.company == CompanyID(rawValue: 7))
            seen.append(name)
            try spool.remove(name, from: .delivered)
        }
        #expect(seen.sorted() == names.filter { $0 != names[3] }.sorted())
        #expect(try spool.waiting(in: .delivered) == [names[3]])
    }

    @Test func `a record longer than what is read at once is read whole`() throws {
        let spool = try fixture.open()
        var long = SpoolFixture.record()
        long.recipientIndices = (0..<1000).map { Array(repeating: UInt8(truncatingIfNeeded: $0), count: 16) }
        let name = try SpoolFixture.put(long, into: spool).entry.description
        #expect(try spool.record(of: name, in: .new).recipientIndices == long.recipientIndices)
        #expect(try spool.company(of: name, in: .new) == long.company)
    }

    @Test(arguments: [1, 5, 16])
    func `tidying in slices ends with what tidying at once ends with`(slice: Int) throws {
        let spool = try fixture.open()
        for ago in 0..<40 { try deliver(40_000, ago: ago * 100, in: spool) }
        let each = try spool.tidyDelivered(Spool.DeliveredLimit(age: 1 << 20, bytes: 1 << 30)).bytes / 40
        let tidying = DeliveredTidying(spool, Spool.DeliveredLimit(age: 2000, bytes: 8 * each))
        var (slices, left) = (0, 0)
        while try !tidying.work(while: {
            left -= 1
            return left > 0
        }) {
            (slices, left) = (slices + 1, slice)
            #expect(slices < 200)
        }
        #expect(slices >= 40 / slice)
        #expect(tidying.left.files == 7)
        #expect(try spool.waiting(in: .delivered).count == 7)
    }

    @Test func `a removal that is told to stop goes on where it was`() throws {
        let spool = try fixture.open()
        for _ in 0..<10 { try deliver(in: spool) }
        var (cleared, left) = (Spool.Amount(), 4)
        let isDone = try spool.clearDelivered(&cleared) {
            left -= 1
            return left >= 0
        }
        #expect(!isDone && cleared.files == 4)
        #expect(try spool.clearDelivered(&cleared))
        #expect(cleared.files == 10)
    }
}
