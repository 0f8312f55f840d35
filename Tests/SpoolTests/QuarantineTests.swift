import Core
import Glibc
import Sealing
import System
import TestSupport
import Testing

@testable import Spool

@Suite struct QuarantineTests {
    @Test func `a quarantined message is no longer delivered, and keeps its reason`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(10), into: spool)
        try spool.quarantine(entry.description, reason: "ingest_rejected: no")
        #expect(try spool.waiting() == [])
        let listing = try SpoolListing(directory: fixture.path)
        #expect(listing.waiting.isEmpty)
        #expect(listing.quarantined.map(\.name) == [entry.description])
        #expect(listing.quarantined[0].reason?.hasSuffix("ingest_rejected: no") == true)
        #expect(listing.quarantined[0].record?.queueID == "4XyZ12")
    }

    @Test func `on a full disk a message still goes to quarantine, though without its reason`() throws {
        let fixture = SpoolFixture()
        let mount = try Mount(at: try fixture.directory.makeDirectory("spool"), "size=64k")
        defer { mount.unmount() }
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(10), into: spool)
        let filler = Array(repeating: UInt8(1), count: 4096)
        let full = open("\(fixture.path)/filler", O_WRONLY | O_CREAT, 0o600)
        defer { close(full) }
        while write(full, filler, filler.count) > 0 {}
        #expect(errno == ENOSPC)

        try spool.quarantine(entry.description, reason: "ingest_rejected: no")
        #expect(try spool.waiting() == [])
        let listing = try SpoolListing(directory: fixture.path)
        #expect(listing.quarantined.map(\.name) == [entry.description])
        #expect(listing.quarantined[0].record?.queueID == "4XyZ12")
        #expect(listing.quarantined[0].reason == nil)
    }

    @Test func `a message that cannot be moved to quarantine stays where it is`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(10), into: spool)
        #expect(rmdir("\(fixture.path)/quarantine") == 0)
        #expect(throws: SpoolError.self) { try spool.quarantine(entry.description, reason: "no") }
        #expect(try spool.waiting() == [entry.description])
    }
}
