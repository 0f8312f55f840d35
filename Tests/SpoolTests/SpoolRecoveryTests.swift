import Core
import Glibc
import Sealing
import System
import TestSupport
import Testing

@testable import Spool

/// The states in which a crash can leave the spool.
@Suite struct SpoolRecoveryTests {
    @Test func `a file that was being written is removed at the next start`() throws {
        let fixture = SpoolFixture()
        do { _ = try fixture.open() }
        try fixture.directory.write("spool/tmp/half", bytes(100))
        _ = try fixture.open()
        #expect(try fixture.names("tmp") == [])
    }

    @Test func `a complete file is still there after any number of starts`() throws {
        let fixture = SpoolFixture()
        var entry: EntryID?
        do { entry = try SpoolFixture.put(bytes(200_000), into: fixture.open()) }
        for _ in 1...3 {
            let spool = try fixture.open()
            #expect(try spool.waiting() == [entry!.description])
            try spool.open(entry!.description).verify()
        }
    }

    @Test func `a file truncated anywhere goes to quarantine with an alarm`() throws {
        let fixture = SpoolFixture()
        var entry: EntryID?
        do { entry = try SpoolFixture.put(bytes(50), into: fixture.open()) }
        let name = entry!.description
        let whole = try contents(of: "\(fixture.path)/new/\(name)")
        for length in 0..<whole.count {
            try fixture.directory.write("spool/new/\(name)", Array(whole[..<length]))
            var alarms: [String] = []
            let spool = try fixture.open { alarms.append($0) }
            #expect(alarms.count == 1, "cut to \(length)")
            #expect(alarms.first?.contains("is damaged") == true)
            #expect(try spool.waiting() == [])
            #expect(try fixture.names("quarantine") == [name, name + ".reason"])
        }
    }

    @Test func `a flipped bit anywhere sends a file to quarantine`() throws {
        let fixture = SpoolFixture()
        var entry: EntryID?
        do { entry = try SpoolFixture.put(bytes(50), into: fixture.open()) }
        let name = entry!.description
        let whole = try contents(of: "\(fixture.path)/new/\(name)")
        for position in whole.indices {
            var damaged = whole
            damaged[position] ^= 1 << UInt8(position % 8)
            try fixture.directory.write("spool/new/\(name)", damaged)
            var alarms = 0
            let spool = try fixture.open { _ in alarms += 1 }
            #expect(alarms == 1, "flipped at \(position)")
            #expect(try spool.waiting() == [])
        }
    }

    @Test func `a foreign file goes to quarantine and the rest is delivered`() throws {
        let fixture = SpoolFixture()
        var entry: EntryID?
        do { entry = try SpoolFixture.put(bytes(50), into: fixture.open()) }
        try fixture.directory.write(
            "spool/new/README", "not a message, but long enough to be one: \(String(repeating: "x", count: 200))")
        var alarms: [String] = []
        let spool = try fixture.open { alarms.append($0) }
        #expect(alarms.count == 1)
        #expect(alarms.first?.contains("not a spool file") == true)
        #expect(try spool.waiting() == [entry!.description])
    }

    @Test func `a start leaves quarantine alone`() throws {
        let fixture = SpoolFixture()
        do {
            let spool = try fixture.open()
            let entry = try SpoolFixture.put(bytes(50), into: spool)
            try spool.quarantine(entry.description, reason: "test")
        }
        let before = try fixture.names("quarantine")
        _ = try fixture.open()
        #expect(try fixture.names("quarantine") == before)
        #expect(before.count == 2)
    }
}
