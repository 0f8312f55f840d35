import Core
import Foundation
import Glibc
import System
import TestSupport
import Testing

@testable import Spool

/// Operator's commands in a spool that a daemon has open.
@Suite struct SpoolAccessTests {
    private static func place(_ entry: EntryID, _ area: Spool.Area = .new) -> SpoolAccess.SpoolLocation {
        SpoolAccess.SpoolLocation(name: entry.description, area: area)
    }

    @Test func `a message is held with a reason, and released without one`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(10), into: spool)
        let access = try SpoolAccess(directory: fixture.path)
        #expect(try access.hold(Self.place(entry), reason: "held: why") == .done)
        #expect(try spool.waiting() == [])
        #expect(try fixture.names("quarantine") == [entry.description, entry.description + ".reason"])
        let held = try #require(try access.describe(Self.place(entry, .quarantine)))
        #expect(held.reason?.hasSuffix(" held: why") == true && held.damage == nil)

        #expect(try access.release(entry.description) == .done)
        #expect(try spool.waiting() == [entry.description])
        #expect(try fixture.names("quarantine") == [])
        #expect(try spool.claim(entry.description, in: .new)?.record.entry == entry)
    }

    @Test func `a message under delivery is busy, and free again afterwards`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(10), into: spool)
        let access = try SpoolAccess(directory: fixture.path)
        do {
            let delivering = try #require(try spool.claim(entry.description, in: .new))
            #expect(try access.hold(Self.place(entry), reason: "no") == .busy)
            #expect(try access.delete(Self.place(entry)) == .busy)
            #expect(try delivering.readTail(0..<10) == bytes(10))
            #expect(try fixture.names("quarantine") == [], "not even a reason")
        }
        #expect(try access.delete(Self.place(entry)) == .done)
        #expect(try spool.claim(entry.description, in: .new) == nil)
    }

    @Test func `a message claimed by a command is not delivered`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(10), into: spool)
        do {
            let file = try FileDescriptor("\(fixture.path)/new/\(entry)", O_RDWR)
            #expect(try file.claim(.toMove) == .granted)
            #expect(try spool.claim(entry.description, in: .new) == nil)
            _ = consume file
        }
        #expect(try spool.claim(entry.description, in: .new) != nil)
    }

    @Test func `a file moved after it was opened cannot be claimed`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(10), into: spool)
        let file = try FileDescriptor("\(fixture.path)/new/\(entry)", O_RDONLY)
        #expect(rename("\(fixture.path)/new/\(entry)", "\(fixture.path)/quarantine/\(entry)") == 0)
        #expect(try file.claim(.toDeliver) == .moved)
        #expect(try SpoolAccess(directory: fixture.path).hold(Self.place(entry), reason: "no") == .moved)
        _ = consume file
    }

    @Test func `a file replaced after it was opened cannot be claimed`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let (old, new) = (try SpoolFixture.put(bytes(10), into: spool), try SpoolFixture.put(bytes(10), into: spool))
        let file = try FileDescriptor("\(fixture.path)/new/\(old)", O_RDONLY)
        #expect(rename("\(fixture.path)/new/\(new)", "\(fixture.path)/new/\(old)") == 0)
        #expect(try file.claim(.toMove) == .moved)
        _ = consume file
    }

    @Test(arguments: [Spool.Area.new, .redeliver, .quarantine, .delivered])
    func `a message is deleted from any directory, together with its reason`(_ area: Spool.Area) throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(10), into: spool)
        switch area {
        case .quarantine: try spool.quarantine(entry.description, reason: "test")
        case .delivered: _ = try spool.keepDelivered(entry.description)
        case .redeliver:
            _ = try spool.keepDelivered(entry.description)
            _ = try spool.redeliverAll()
        default: break
        }
        let access = try SpoolAccess(directory: fixture.path)
        #expect(access.find(entry: entry.description, in: Spool.Area.allCases) == [Self.place(entry, area)])
        #expect(try access.delete(Self.place(entry, area)) == .done)
        for area in Spool.Area.allCases { #expect(try fixture.names(area.rawValue) == []) }
        #expect(try access.delete(Self.place(entry, area)) == .moved)
    }

    @Test func `a damaged message is shown and deleted, but not released`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(1000), into: spool)
        try spool.quarantine(entry.description, reason: "test")
        var file = try contents(of: "\(fixture.path)/quarantine/\(entry)")
        file[file.count / 2] ^= 1
        try fixture.directory.write("spool/quarantine/\(entry)", file)

        let access = try SpoolAccess(directory: fixture.path)
        let described = try #require(try access.describe(Self.place(entry, .quarantine)))
        #expect(described.damage?.contains("digest") == true && described.message?.record.queueID == "4XyZ12")
        #expect(throws: SpooledMessage.Damaged.self) { try access.release(entry.description) }
        #expect(try fixture.names("quarantine").count == 2 && spool.waiting() == [])
        #expect(truncate("\(fixture.path)/quarantine/\(entry)", 20) == 0)
        #expect(try access.describe(Self.place(entry, .quarantine))?.message == nil)
        #expect(throws: SpooledMessage.Damaged.self) { try access.release(entry.description) }
        #expect(try access.delete(Self.place(entry, .quarantine)) == .done)
        #expect(try fixture.names("quarantine") == [])
    }

    @Test func `messages are found by entry id in any form and by queue ID, and by nothing else`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(10), into: spool)
        let other = try SpoolFixture.put(bytes(20), into: spool)
        try spool.quarantine(other.description, reason: "test")
        let access = try SpoolAccess(directory: fixture.path)
        let areas = Spool.Area.allCases
        #expect(access.find(entry: entry.description.uppercased(), in: areas) == [Self.place(entry)])
        #expect(
            access.find(entry: entry.description.filter { $0 != "-" }, in: areas) == [Self.place(entry)])
        #expect(
            try access.find(queueID: "4XyZ12", in: areas) == [Self.place(entry), Self.place(other, .quarantine)])
        #expect(try access.find(queueID: "4xyz12", in: areas) == [])
        for word in ["", ".", "..", "../trigger", "../new/\(entry)", "\(other).reason", "4XyZ12"] {
            #expect(access.find(entry: word, in: areas) == [], "\(word)")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "changes owners, which root alone may"))
    func `a reason belongs to the message's owner, even if root writes it`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(10), into: spool)
        #expect(chown("\(fixture.path)/new/\(entry)", 4711, 4712) == 0)
        let access = try SpoolAccess(directory: fixture.path)
        #expect(try access.hold(Self.place(entry), reason: "test") == .done)
        let names = try fixture.names("quarantine")
        #expect(names.count == 2)
        for name in names {
            var status = stat()
            #expect(stat("\(fixture.path)/quarantine/\(name)", &status) == 0)
            #expect(status.st_uid == 4711 && status.st_gid == 4712 && status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func `a missing spool is reported`() {
        let error = #expect(throws: SpoolError.self) { try SpoolAccess(directory: "/nonexistent/spool") }
        #expect(error?.isGone == true)
    }

    @Test func `commands and deliveries that race for messages leave each one in a single place`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let names = try (0..<20).map { _ in try SpoolFixture.put(bytes(10), into: spool).description }
        let access = try SpoolAccess(directory: fixture.path)
        let group = DispatchGroup()
        let ends = ContinuousClock.now + .milliseconds(400)
        func loop(_ body: @escaping @Sendable (String) throws -> Void) {
            group.enter()
            Thread.detachNewThread {
                while ContinuousClock.now < ends {
                    do { try body(names.randomElement()!) } catch { Issue.record("\(error)") }
                }
                group.leave()
            }
        }
        for _ in 0..<2 {
            loop { _ = try access.hold(SpoolAccess.SpoolLocation(name: $0, area: .new), reason: "race") }
            loop { _ = try access.release($0) }
        }
        // A delivery that ends in a refusal: nobody else moves a message it has claimed.
        loop { name in
            guard let message = try spool.claim(name, in: .new) else { return }
            try spool.quarantine(name, reason: "refused")
            withExtendedLifetime(message) {}
        }
        group.wait()
        let left = try (fixture.names("new") + Spool.messageNames(in: "\(fixture.path)/quarantine")).sorted()
        #expect(left == names.sorted())
        let reasons = try fixture.names("quarantine").filter { $0.hasSuffix(".reason") }
        #expect(try reasons.count == Spool.messageNames(in: "\(fixture.path)/quarantine").count)
    }
}
