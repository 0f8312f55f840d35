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
        let header = SpoolFixture.header()
        let seal = SpoolSeal(
            dedupeKeys: [bytes(32), Array(bytes(64).suffix(32))], size: 99,
            origin: OriginSignature(keyID: bytes(20), signature: bytes(64)), spooledAt: .now())
        var writer = try spool.begin(header, dedupeKeys: 2, isSigned: true)
        for start in stride(from: 0, to: size, by: chunk) {
            try writer.append(Array(tail[start..<min(start + chunk, size)]))
        }
        try writer.commit(head: [5, 6, 7]) { _ in seal }

        #expect(try fixture.names("tmp") == [])
        #expect(try spool.waiting() == [header.entry.description])
        let message = try spool.open(header.entry.description)
        #expect(message.header == header)
        #expect(message.head == [5, 6, 7])
        #expect(message.seal == seal)
        #expect(message.size == 99)
        #expect(message.tailLength == size)
        #expect(try message.readTail(0..<size) == tail)
        try message.verify()
    }

    @Test func `the seal of a message is made from the SHA-256 of its tail`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        var writer = try spool.begin(SpoolFixture.header(), dedupeKeys: 1, isSigned: false)
        try writer.append(bytes(200_000))
        var digest: [UInt8] = []
        try writer.commit(head: []) {
            digest = $0
            return SpoolSeal(dedupeKeys: [bytes(32)], size: 0, origin: nil, spooledAt: nil)
        }
        #expect(try digest == SHA256.digest(of: bytes(200_000)))
    }

    @Test(arguments: [1, 2, 3])
    func `a message that an older version spooled is read after an upgrade`(version: Int) throws {
        let fixture = SpoolFixture()
        var header = SpoolFixture.header()
        var seal = SpoolSeal(dedupeKeys: [bytes(32)], size: 99, origin: nil, spooledAt: nil)
        var preamble = ByteWriter()
        header.write(to: &preamble)
        preamble.raw(bytes(32))
        preamble.integer(UInt64(99))
        if version > 1 {
            preamble.lengthPrefixed(Array(repeating: 7, count: 32))
            preamble.lengthPrefixed(bytes(84))
            seal.dedupeKeys.append(Array(repeating: 7, count: 32))
            seal.origin = OriginSignature(keyID: Array(bytes(84)[..<20]), signature: Array(bytes(84)[20...]))
        }
        header.matched = nil
        if version > 2 {
            preamble.lengthPrefixed("references".utf8)
            preamble.integer(Int64(4711))
            preamble.lengthPrefixed("loop".utf8)
            (header.matched, header.forwarded, seal.spooledAt) = (.references, .loop, Timestamp(milliseconds: 4711))
        }
        header.correspondents = [BlindIndex(version: 3, bytes: header.senderIndex)]
        let lengths = SpoolFormat.lengths(tail: 1000, head: 3)
        let digest = try SpoolFormat.digest(
            preamble: preamble.bytes, head: [5, 6, 7], lengths: lengths, tailDigest: SHA256.digest(of: bytes(1000)))
        var file = ByteWriter()
        file.raw("LVSPOOL\(version)".utf8)
        file.lengthPrefixed(preamble.bytes)
        file.raw(bytes(1000) + [5, 6, 7] + lengths + digest + Array("LVSPEND1".utf8))
        for name in ["spool", "spool/new"] { try fixture.directory.makeDirectory(name) }
        try fixture.directory.write("spool/new/\(header.entry)", file.bytes)

        let message = try fixture.open().open(header.entry.description)
        #expect(message.header == header)
        #expect(message.seal == seal)
    }

    @Test func `conversation metadata is kept with a message`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        for (labels, candidate) in [(Set<MessageLabel>(), nil), (Set(MessageLabel.allCases), CandidateID(rawValue: 5))]
        {
            var header = SpoolFixture.header()
            header.labels = labels
            header.authentication = labels.isEmpty ? .none : .fail
            header.externalCandidate = candidate
            header.correspondents = labels.isEmpty ? [] : [1, 2].map { BlindIndex(version: $0, bytes: bytes(16)) }
            header.learnedIDs = labels.isEmpty ? [] : [bytes(16), bytes(16).reversed()]
            var writer = try spool.begin(header, dedupeKeys: 1, isSigned: false)
            try writer.append(bytes(100))
            try writer.commit(head: [1]) { _ in
                SpoolSeal(dedupeKeys: [bytes(32)], size: 0, origin: nil, spooledAt: nil)
            }
            #expect(try spool.open(header.entry.description).header == header)
        }
    }

    @Test(arguments: [nil] + Forwarded.allCases)
    func `the result of forwarding is kept with a message`(_ forwarded: Forwarded?) throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        var header = SpoolFixture.header()
        header.forwarded = forwarded
        var writer = try spool.begin(header, dedupeKeys: 1, isSigned: false)
        try writer.append(bytes(100))
        try writer.commit(head: [1]) { _ in
            SpoolSeal(dedupeKeys: [bytes(32)], size: 0, origin: nil, spooledAt: nil)
        }
        let message = try spool.open(header.entry.description)
        #expect(message.header == header && message.header.forwarded == forwarded)
        try message.verify()
    }

    @Test func `a message that is not committed leaves no file`() throws {
        let fixture = SpoolFixture()
        let spool = try fixture.open()
        do {
            var writer = try spool.begin(SpoolFixture.header(), dedupeKeys: 1, isSigned: false)
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
            let writer = try spool.begin(SpoolFixture.header(entry), dedupeKeys: 1, isSigned: false)
            try writer.commit(head: []) { _ in SpoolSeal(dedupeKeys: [bytes(32)], size: 0, origin: nil, spooledAt: nil)
            }
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
