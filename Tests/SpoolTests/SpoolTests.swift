import Core
import Glibc
import Sealing
import System
import TestSupport
import Testing

@testable import Spool

@Suite struct SpoolTests {
    @Test(arguments: [0, 1, 32_768, 65_535, 131_072, 1_000_000], [1000, 10_000, 65_535])
    func `a committed message is read back whole`(size: Int, chunk: Int) throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let tail = bytes(size)
        var record = SpoolFixture.record()
        var writer = try spool.begin(record, dedupeKeys: 2, isSigned: true)
        record.dedupeKeys = [bytes(32), Array(bytes(64).suffix(32))]
        record.size = 99
        record.origin = OriginSignature(keyID: bytes(20), signature: bytes(64))
        record.spooledAt = .now()
        for start in stride(from: 0, to: size, by: chunk) {
            try writer.append(Array(tail[start..<min(start + chunk, size)]))
        }
        try writer.commit(head: [5, 6, 7]) { _ in record }

        #expect(try fixture.names("tmp") == [])
        #expect(try spool.waiting() == [record.entry.description])
        let message = try spool.open(record.entry.description)
        #expect(message.record == record)
        #expect(message.head == [5, 6, 7])
        #expect(message.size == 99)
        #expect(message.tailLength == size)
        #expect(try message.readTail(0..<size) == tail)
        try message.verify()
    }

    @Test func `the record of a message is completed with the SHA-256 of its tail`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        var record = SpoolFixture.record()
        var writer = try spool.begin(record, dedupeKeys: 1, isSigned: false)
        try writer.append(bytes(200_000))
        var digest: [UInt8] = []
        try writer.commit(head: []) {
            digest = $0
            (record.dedupeKeys, record.size) = ([bytes(32)], 0)
            return record
        }
        #expect(try digest == SHA256.digest(of: bytes(200_000)))
    }

    @Test func `every fact of a record is kept, and so is that there is none`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        var bare = SpoolFixture.record()
        (bare.direction, bare.matched, bare.indexVersion, bare.senderIndex) = (nil, nil, nil, nil)
        (bare.recipientIndices, bare.sealingKeyIDs) = ([], [])
        var full = SpoolFixture.record()
        full.messageIDIndex = bytes(16)
        full.labels = Set(MessageLabel.allCases)
        full.authentication = .fail
        full.externalCandidate = CandidateID(rawValue: 5)
        full.correspondents = [1, 2].map { BlindIndex(version: $0, bytes: bytes(16)) }
        full.learnedIDs = [bytes(16), bytes(16).reversed()]
        for record in [bare, full] {
            let complete = try SpoolFixture.put(record, into: spool)
            #expect(try spool.open(record.entry.description).record == complete)
        }
    }

    @Test(arguments: [nil] + Forwarded.allCases)
    func `the result of forwarding is kept with a message`(_ forwarded: Forwarded?) throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        var record = SpoolFixture.record()
        record.forwarded = forwarded
        let complete = try SpoolFixture.put(record, into: spool)
        let message = try spool.open(record.entry.description)
        #expect(message.record == complete && message.record.forwarded == forwarded)
        try message.verify()
    }

    @Test func `a message that is not committed leaves no file`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        do {
            var writer = try spool.begin(SpoolFixture.record(), dedupeKeys: 1, isSigned: false)
            try writer.append(bytes(300_000))
            #expect(try fixture.names("tmp").count == 1)
        }
        #expect(try fixture.names("tmp") == [])
        #expect(try spool.waiting() == [])
    }

    @Test func `messages wait in order of arrival`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        var entries: [String] = []
        for number in 1...5 {
            let entry = EntryID.make(at: Timestamp(milliseconds: Int64(number)))
            try SpoolFixture.put(SpoolFixture.record(entry), into: spool)
            entries.append(entry.description)
        }
        #expect(try spool.waiting() == entries)
    }

    @Test func `files are accessible to their owner only`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(10), into: spool)
        var status = stat()
        #expect(stat("\(fixture.path)/new/\(entry)", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(stat(fixture.path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
    }

    @Test func `a spool belongs to one daemon at a time`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let error = #expect(throws: SpoolError.self) { try fixture.open() }
        #expect(error?.description.contains("another lever-milter uses the spool") == true)
        withExtendedLifetime(spool) {}
    }

    @Test func `removing a message that is gone is not an error`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        let entry = try SpoolFixture.put(bytes(10), into: spool)
        try spool.remove(entry.description)
        try spool.remove(entry.description)
        #expect(try spool.waiting() == [])
    }

    @Test func `a new message wakes delivery, and an operator's flush is told apart`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        func isReadable() -> Bool {
            var descriptor = pollfd(fd: spool.wakeDescriptor, events: Int16(POLLIN), revents: 0)
            return poll(&descriptor, 1, 0) == 1
        }
        #expect(!isReadable())
        try SpoolFixture.put(bytes(10), into: spool)
        #expect(isReadable())
        #expect(spool.takeWakes() == false)
        #expect(!isReadable())
        #expect(try SpoolListing.requestDelivery(directory: fixture.path))
        #expect(isReadable())
        #expect(spool.takeWakes())
    }

    @Test func `a flush without a daemon says that nobody delivers`() async throws {
        let fixture = SpoolFixture()
        do { _ = try fixture.open() }
        // A child process that another test starts has the trigger open too, until it executes its program.
        try await waitUntil("the trigger to have no reader") {
            try !SpoolListing.requestDelivery(directory: fixture.path)
        }
        #expect(try SpoolListing.requestDelivery(directory: "/nonexistent") == false)
    }

    @Test func `a directory that cannot be created is reported with what to do`() {
        let error = #expect(throws: SpoolError.self) { try Spool(directory: "/proc/spool", alarm: { _ in }) }
        #expect(error?.description.hasPrefix("cannot create /proc/spool: ") == true)
        let parent = #expect(throws: SpoolError.self) { try Spool(directory: "/nowhere/spool", alarm: { _ in }) }
        #expect(parent?.description.hasSuffix("; create its parent directory") == true)
    }

    @Test func `a spool that was removed is an error at the next message`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        #expect(rmdir("\(fixture.path)/tmp") == 0)
        #expect(throws: SpoolError.self) { try SpoolFixture.put(bytes(10), into: spool) }
    }
}
