import Core
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Store

/// `lever.ingest`: what is stored, what is refused, and what a repetition changes.
///
/// Over 250 lines: one function, and every outcome of it in one place.
@Suite struct IngestTests: StoreSuite {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture(.common())
    }

    /// Rows of each table that a message leaves something in.
    private var stored: String {
        get throws {
            try database.query(
                "SELECT "
                    + ["message", "message_key", "message_part", "delivery"].map { table in
                        "(SELECT count(*) FROM lever.\(table) WHERE company_id = \(tenant.company.id))"
                    }.joined(separator: ", "))
        }
    }

    private func outcomes() throws -> [String] {
        try database.query(
            "SELECT outcome FROM lever.delivery WHERE company_id = \(tenant.company.id) ORDER BY outcome"
        ).split(separator: "\n").map(String.init)
    }

    @Test func `a message is stored with all that is known of it`() throws {
        let time = Timestamp(milliseconds: 1_795_511_234_567)
        let message = tenant.message(acceptedAt: time)
        #expect(try mailHost.ingest([message]) == [.captured])
        #expect(try stored == "1|1|1|1")
        #expect(
            try database.query(
                """
                SELECT entry_id, candidate_id, thread_id, direction, extract(epoch FROM accepted_at) * 1000, size,
                    tail_size, host, queue_id, encode(dedupe_key, 'hex'), sender_index IS NULL,
                    encode(recipient_indices[1] || recipient_indices[2] || recipient_indices[3], 'hex'),
                    encode(message_id_index, 'hex'), index_version, encode(key_ids[1] || key_ids[2], 'hex')
                FROM lever.message WHERE company_id = \(tenant.company.id)
                """)
                    == """
                    \(message.entry)|\(tenant.candidate)|\(tenant.thread)|inbound|1795511234567.000000|38|100|mx1.example|\
                    4F2xQ13Zz0|\(message.record.dedupeKeys[0].hex)|t|\(message.record.recipientIndices.joined().hex)|\
                    \(message.messageIDIndex!.bytes.hex)|1|\(message.record.sealingKeyIDs.joined().hex)
                    """)
        #expect(
            try database.query(
                """
                SELECT company_id, thread_id, direction, outcome, size, matched, encode(message_id_index, 'hex'), index_version,
                    spooled_at = accepted_at, stored_at BETWEEN accepted_at AND now(), is_stray
                FROM lever.delivery WHERE entry_id = '\(message.entry)'
                """)
                    == """
                    \(tenant.company.id)|\(tenant.thread)|inbound|captured|38|references|\(message.messageIDIndex!.bytes.hex)|1|\
                    t|t|f
                    """)
        #expect(
            try database.query("SELECT encode(head, 'hex') FROM lever.message_key WHERE entry_id = '\(message.entry)'")
                == message.content.head.hex)
    }

    @Test func `a message that comes again, since its host did not hear of the commit, is stored once`() throws {
        let messages = [tenant.message(), tenant.message(SealedMessage(head: [1], tail: .random(1_500_000)))]
        #expect(try mailHost.ingest(messages) == [.captured, .captured])
        let before = try stored
        #expect(try mailHost.ingest(messages) == [.captured, .captured])
        #expect(try stored == before)
        #expect(before == "2|2|3|2")
    }

    @Test func `the same mail under another entry is a duplicate, and is told as such`() throws {
        let key = [UInt8].random(32)
        #expect(try mailHost.ingest([tenant.message(dedupeKey: key)]) == [.captured])
        #expect(try mailHost.ingest([tenant.message(dedupeKey: key)]) == [.duplicate])
        #expect(try stored == "1|1|1|2")
        #expect(try outcomes() == ["captured", "duplicate"])
    }

    @Test(arguments: [
        ([Direction.internal, .outbound], "outbound"), ([.outbound, .internal], "outbound"),
        ([.internal, .internal], "internal"), ([.inbound, .outbound], "inbound"),
    ])
    func `a mail that a server split by recipients is outbound if any part of it went out, whichever came first`(
        _ directions: [Direction], _ expected: String
    ) throws {
        let key = [UInt8].random(32)
        let copies = directions.map { direction in
            var copy = tenant.message(dedupeKey: key)
            copy.record.direction = direction
            return copy
        }
        for (copy, outcome) in zip(copies, [Outcome.captured, .duplicate]) {
            #expect(try mailHost.ingest([copy]) == [outcome])
        }
        #expect(
            try database.query("SELECT direction FROM lever.message WHERE entry_id = '\(copies[0].entry)'") == expected)
    }

    @Test func `the recipients of every part of a mail take part, each once, and none of a mail that was removed`()
        throws
    {
        let key = [UInt8].random(32)
        let people = (0..<3).map { _ in [UInt8].random(16) }
        let parts = [[people[0], people[1]], [people[1], people[2]], [people[0]], [.random(16)]].map {
            tenant.message(dedupeKey: key, recipients: $0)
        }
        func recipients() throws -> String {
            try database.query(
                """
                SELECT string_agg(encode(i, 'hex'), ' ' ORDER BY i) FROM lever.message, unnest(recipient_indices) AS i
                WHERE entry_id = '\(parts[0].entry)'
                """)
        }
        for (part, outcome) in zip(parts[..<3], [Outcome.captured, .duplicate, .duplicate]) {
            #expect(try mailHost.ingest([part]) == [outcome])
        }
        #expect(try recipients() == people.map(\.hex).sorted().joined(separator: " "))
        try database.timeline(of: tenant).removeMessage(parts[0].entry, company: tenant.company.id, reason: "")
        #expect(try mailHost.ingest([parts[3]]) == [.duplicate])
        #expect(try recipients() == "")
    }

    @Test
    func `a mail that comes again with very many recipients takes seconds, and adds no more than a bounded number`()
        throws
    {
        let key = [UInt8].random(32)
        func recipients(_ count: Int) -> [[UInt8]] {
            (0..<count).map { index in
                var writer = ByteWriter()
                writer.integer(UInt64(index))
                writer.integer(UInt64.max)
                return writer.bytes
            }
        }
        let mails = [1000, 100_000, 100_001].map { tenant.message(dedupeKey: key, recipients: recipients($0)) }
        func stored() throws -> String {
            try database.query(
                "SELECT cardinality(recipient_indices) FROM lever.message WHERE entry_id = '\(mails[0].entry)'")
        }
        #expect(try mailHost.ingest([mails[0]]) == [.captured])
        let start = ContinuousClock.now
        #expect(try mailHost.ingest([mails[1]]) == [.duplicate])
        #expect(try stored() == "100000")
        #expect(try mailHost.ingest([mails[2]]) == [.duplicate])
        #expect(try stored() == "100000")
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func `of the same mail twice in one batch, the first is stored`() throws {
        let key = [UInt8].random(32)
        let batch = [tenant.message(dedupeKey: key), tenant.message(), tenant.message(dedupeKey: key)]
        #expect(try mailHost.ingest(batch) == [.captured, .captured, .duplicate])
        #expect(try database.query("SELECT count(*) FROM lever.message WHERE entry_id = '\(batch[0].entry)'") == "1")
    }

    @Test func `a message that is twice in one batch is stored once, and one entry with two mails is refused for good`()
        throws
    {
        let (key, entry) = ([UInt8].random(32), EntryID.make(at: .now()))
        let message = tenant.message(dedupeKey: key, entry: entry)
        #expect(try mailHost.ingest([message, tenant.message(), message]) == [.captured, .captured, .captured])
        #expect(try stored == "2|2|2|2")
        let other = EntryID.make(at: .now())
        #expect {
            _ = try mailHost.ingest([tenant.message(entry: other), tenant.message(entry: other)])
        } throws: {
            ($0 as? DatabaseError)?.isTransient == false
        }
        #expect {
            _ = try mailHost.ingest([
                tenant.message(dedupeKey: key), tenant.message(entry: other), tenant.message(entry: other),
            ])
        } throws: {
            ($0 as? DatabaseError)?.isTransient == false
        }
        #expect(try stored == "2|2|2|2")
    }

    @Test func `a batch of many companies is answered in its order, and each has its own`() throws {
        let administration = try database.administration()
        let tenants = try (0..<5).map { _ in try Tenant(in: administration) }
        let batch = tenants.shuffled().flatMap { [$0.message(), $0.record(.tooLarge), $0.message(thread: .random())] }
        let outcomes = try mailHost.ingest(batch)
        #expect(outcomes == Array(repeating: [.captured, .tooLarge, .unknownThread], count: 5).flatMap { $0 })
        for tenant in tenants {
            #expect(
                try database.query(
                    """
                    SELECT string_agg(outcome, ' ' ORDER BY outcome), (SELECT count(*) FROM lever.message AS m
                        JOIN lever.message_part AS p USING (company_id, entry_id) JOIN lever.message_key AS k
                        USING (company_id, entry_id) WHERE m.company_id = \(tenant.company.id))
                    FROM lever.delivery WHERE company_id = \(tenant.company.id)
                    """) == "captured too_large unknown_thread|1")
        }
    }

    @Test
    func `there is time for something else while the database works, and it is not lost where the batch is refused`()
        throws
    {
        for batch in [[tenant.message()], [tenant.message(SealedMessage(head: [1], tail: .random(1_500_000)))]] {
            var calls = 0
            #expect(try mailHost.ingest(batch) { calls += 1 } == [.captured])
            #expect(calls == (batch[0].tailLength > IngestBatch.partLength ? 0 : 1))
        }
        var calls = 0
        #expect(throws: DatabaseError.self) {
            try mailHost.ingest([tenant.message(dedupeKey: .random(31))]) { calls += 1 }
        }
        #expect(calls == 1)
    }

    @Test func `the same mail is a message of each company that it belongs to`() throws {
        let other = try Tenant(in: database.administration())
        let key = [UInt8].random(32)
        let batch = [tenant.message(dedupeKey: key), other.message(dedupeKey: key)]
        #expect(try mailHost.ingest(batch) == [.captured, .captured])
    }

    @Test func `a thread that does not exist, or is another company's, is unknown; nothing of the message is stored`()
        throws
    {
        let other = try Tenant(in: database.administration())
        let batch = [tenant.message(thread: .random()), tenant.message(thread: other.thread)]
        #expect(try mailHost.ingest(batch) == [.unknownThread, .unknownThread])
        #expect(try stored == "0|0|0|2")
    }

    @Test(arguments: [
        Outcome.badSignature, .unknownKey, .notParticipant, .notLimited, .observeOnly, .tooLarge, .spoolFailed,
        .ingestRejected,
    ])
    func `every outcome without content goes to the delivery log alone`(outcome: Outcome) throws {
        #expect(try mailHost.ingest([tenant.record(outcome)]) == [outcome])
        #expect(try stored == "0|0|0|1")
        #expect(try outcomes() == [outcome.rawValue])
    }

    @Test func `a mixed batch is answered in its order`() throws {
        let key = [UInt8](repeating: 0xff, count: 32)
        let batch = [
            tenant.message(dedupeKey: key), tenant.record(.badSignature), tenant.message(thread: .random()),
            tenant.message(SealedMessage(head: [1], tail: .random(2_500_000))), tenant.message(dedupeKey: key),
            tenant.record(.tooLarge), tenant.message(),
        ]
        let expected: [Outcome] = [
            .captured, .badSignature, .unknownThread, .captured, .duplicate, .tooLarge, .captured,
        ]
        #expect(try mailHost.ingest(batch) == expected)
        #expect(try mailHost.ingest([]) == [])
    }

    @Test func `a row is written when it is, not when its transaction began`() throws {
        let connection = try database.connection(user: "mailhost")
        var batch = IngestBatch()
        try batch.append(tenant.record(.tooLarge))
        try connection.transaction {
            try connection.execute("SELECT pg_sleep(0.05)")
            _ = try connection.ingest(batch)
            try connection.execute("SELECT pg_sleep(0.05)")
        }
        #expect(
            try database.query(
                """
                SELECT stored_at > accepted_at + interval '50 ms' AND stored_at < now() - interval '50 ms'
                FROM lever.delivery WHERE company_id = \(tenant.company.id)
                """) == "t")
    }

    @Test(arguments: [1, 1 << 20 - 1, 1 << 20, 1 << 20 + 1, 2 << 20, 3_333_333])
    func `a tail of any length comes back as it was, from parts of 1 MiB at most`(length: Int) throws {
        let sealed = SealedMessage(head: .random(300), tail: .random(length))
        let message = tenant.message(sealed)
        #expect(try mailHost.ingest([message]) == [.captured])
        let timeline = try database.timeline(of: tenant)
        let opening = try timeline.open(entry: message.entry, company: tenant.company.id, .init(.open, reason: ""))
        #expect(opening.sealed == sealed)
        let parts = try database.query(
            "SELECT count(*), max(octet_length(bytes)) FROM lever.message_part WHERE entry_id = '\(message.entry)'")
        #expect(parts == "\((length + 1 << 20 - 1) / (1 << 20))|\(min(length, 1 << 20))")
    }

    @Test func `of a large message that need not be stored, only the first part is read`() throws {
        let key = [UInt8].random(32)
        let sealed = SealedMessage(head: [1], tail: .random(3_000_000))
        let reads = Mutex<[Range<Int>]>([])
        func counting(thread: ThreadID? = nil) -> IngestEntry {
            tenant.message(sealed, dedupeKey: key, thread: thread) { range in
                reads.withLock { $0.append(range) }
                return Array(sealed.tail[range])
            }
        }
        #expect(try mailHost.ingest([counting()]) == [.captured])
        #expect(reads.withLock { $0 } == [0..<1_048_576, 1_048_576..<2_097_152, 2_097_152..<3_000_000])
        reads.withLock { $0 = [] }
        #expect(try mailHost.ingest([counting()]) == [.duplicate])
        #expect(try mailHost.ingest([counting(thread: .random())]) == [.unknownThread])
        #expect(reads.withLock { $0 } == [0..<1_048_576, 0..<1_048_576])
        #expect(try stored == "1|1|3|3")
    }

    @Test func `a batch with one bad message is refused for good, whole; without it the rest is stored`() throws {
        let good = tenant.message()
        let bad = tenant.message(dedupeKey: .random(31))
        #expect { _ = try mailHost.ingest([good, bad]) } throws: { error in
            (error as? DatabaseError)?.sqlState == "23514" && (error as? DatabaseError)?.isTransient == false
        }
        #expect(try stored == "0|0|0|0")
        #expect(mailHost.isUsable)
        #expect(try mailHost.ingest([good]) == [.captured])
    }

    @Test func `an entry's name that another mail has is refused for good`() throws {
        let message = tenant.message()
        #expect(try mailHost.ingest([message]) == [.captured])
        #expect { _ = try mailHost.ingest([tenant.message(entry: message.entry)]) } throws: { error in
            (error as? DatabaseError)?.isTransient == false
        }
        #expect(try stored == "1|1|1|1")
    }

    @Test(arguments: [0, 1])
    func `nothing is stored if a tail can't be read, and the reader's error comes out`(part: Int) throws {
        struct Unreadable: Error {}
        let bad = tenant.message(SealedMessage(head: [1], tail: .random(2_000_000))) { range in
            guard range.lowerBound < part * IngestBatch.partLength else { throw Unreadable() }
            return .random(range.count)
        }
        #expect(throws: Unreadable.self) { try mailHost.ingest([tenant.message(), bad]) }
        #expect(try stored == "0|0|0|0")
        #expect(try mailHost.ingest([tenant.message()]) == [.captured])
    }

    @Test func `a message without all of its parts can't be committed`() throws {
        let connection = try database.connection(user: "mailhost")
        var batch = IngestBatch()
        try batch.append(tenant.message(SealedMessage(head: [1], tail: .random(1_500_000))))
        #expect {
            try connection.transaction { _ = try connection.ingest(batch) }
        } throws: {
            ($0 as? DatabaseError)?.sqlState == "LV001"
        }
        #expect(try stored == "0|0|0|0")
    }

    @Test(arguments: [true, false])
    func `no part can be added to a message that is whole, or to none`(exists: Bool) throws {
        let connection = try database.connection(user: "mailhost")
        let message = tenant.message(SealedMessage(head: [1], tail: .random(1000)))
        if exists { #expect(try mailHost.ingest([message]) == [.captured]) }
        var content = message.content
        content.tailLength = 1_500_000
        content.readTail = { .random($0.count) }
        var batch = IngestBatch()
        try batch.append(message.record, content, part: 1)
        #expect { _ = try connection.ingest(batch) } throws: {
            ($0 as? DatabaseError)?.sqlState == "LV001"
        }
    }

    @Test func `hosts that race with the same mails store each once, whatever their order`() throws {
        let keys = (0..<40).map { _ in [UInt8].random(32) }
        let (tenant, conninfo) = (tenant, database.conninfo(user: "mailhost"))
        let results = concurrently(4) { host in
            let connection = try IngestSession(conninfo)
            let order = host.isMultiple(of: 2) ? keys : keys.reversed()
            var outcomes: [Outcome] = []
            for start in stride(from: 0, to: keys.count, by: 10) {
                outcomes += try connection.ingest(order[start..<start + 10].map { tenant.message(dedupeKey: $0) })
            }
            return outcomes
        }
        let outcomes = try results.flatMap { try $0.get() }
        #expect(outcomes.count { $0 == .captured } == 40)
        #expect(outcomes.count { $0 == .duplicate } == 120)
        #expect(try stored == "40|40|40|160")
    }

    @Test func `a lost connection is a passing trouble, and shows`() throws {
        let database = try StoreDatabase.installed()
        let mailHost = try database.mailHost()
        _ = try database.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(database.name)' AND usename = 'mailhost'"
        )
        #expect { _ = try mailHost.ingest([tenant.message()]) } throws: { ($0 as? DatabaseError)?.isTransient == true }
        #expect(!mailHost.isUsable)
    }
}
