import Core
import TestSupport
import Testing

@testable import Store

/// While index keys rotate, a mail has a dedupe key under each live one, and hosts differ in which those are.
@Suite struct DedupeTests: StoreSuite {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture(.common())
    }

    private func message(_ keys: [[UInt8]]) -> IngestEntry {
        tenant.message(dedupeKey: keys[0], further: Array(keys.dropFirst()))
    }

    private func stored() throws -> String {
        try database.query("SELECT count(*) FROM lever.message WHERE company_id = \(tenant.company.id)")
    }

    @Test(arguments: [
        [[0], [0, 1], [1]], [[1], [1, 0], [0]], [[0, 1], [0], [1]], [[0, 1], [1], [0]],
        [[1, 0], [0, 1], [1, 0]],
        [[0], [1, 0], [2, 1], [2]],
    ])
    func `copies that share a key, or are linked by one that came before, are one mail`(copies: [[Int]]) throws {
        let keys = (0..<3).map { _ in [UInt8].random(32) }
        let outcomes = try copies.flatMap { copy in try mailHost.ingest([message(copy.map { keys[$0] })]) }
        #expect(outcomes == [.captured] + Array(repeating: .duplicate, count: copies.count - 1))
        #expect(try stored() == "1")
    }

    @Test func `copies that share no key are two mails, also where a later copy shows that they are not`() throws {
        let keys = (0..<2).map { _ in [UInt8].random(32) }
        let outcomes = try [[keys[0]], [keys[1]], keys].flatMap { try mailHost.ingest([message($0)]) }
        #expect(outcomes == [.captured, .captured, .duplicate])
        #expect(try stored() == "2")
    }

    @Test func `they are one mail in one batch too, and each stays the same when it comes again`() throws {
        let keys = (0..<2).map { _ in [UInt8].random(32) }
        let copies = [[keys[0]], [keys[0], keys[1]]].map(message)
        #expect(try mailHost.ingest(copies).sorted { $0.rawValue < $1.rawValue } == [.captured, .duplicate])
        let last = message([keys[1]])
        #expect(try mailHost.ingest([last]) == [.duplicate])
        #expect(try mailHost.ingest([last]) == [.duplicate])
        #expect(try stored() == "1")
    }

    @Test(arguments: [[[0], [0, 1], [1, 2], [2]], [[0, 1], [0, 2], [2, 1]]])
    func `copies of one batch that are linked one by another are one mail, known by all of their keys`(copies: [[Int]])
        throws
    {
        // In the order of their lowest keys, in which a batch is taken.
        let keys = (0..<3).map { _ in [UInt8].random(32) }.sorted { $0.lexicographicallyPrecedes($1) }
        let outcomes = try mailHost.ingest(copies.map { copy in message(copy.map { keys[$0] }) })
        #expect(outcomes == [.captured] + Array(repeating: .duplicate, count: copies.count - 1))
        #expect(try stored() == "1")
        #expect(
            try database.query(
                "SELECT count(*), count(DISTINCT entry_id) FROM lever.message_dedupe WHERE company_id = \(tenant.company.id)"
            )
                == "3|1")
        for key in keys { #expect(try mailHost.ingest([message([key])]) == [.duplicate]) }
    }

    // MARK: Better copies

    private func row(of entry: EntryID) throws -> String {
        try database.query(
            "SELECT authentication, direction, array_to_string(labels, ',') FROM lever.message WHERE entry_id = '\(entry)'"
        )
    }

    @Test func `a copy with a better verdict raises the entry's, and a worse one never lowers it`() throws {
        let key = [UInt8].random(32)
        func copy(_ authentication: Authentication) -> IngestEntry {
            tenant.message(dedupeKey: key, authentication: authentication, labels: [.list])
        }
        let first = copy(.fail)
        #expect(try mailHost.ingest([first]) == [.captured])
        for (verdict, expected) in [
            (Authentication.fail, "fail"), (.none, "none"), (.fail, "none"), (.pass, "pass"), (.none, "pass"),
            (.fail, "pass"),
        ] {
            #expect(try mailHost.ingest([copy(verdict)]) == [.duplicate])
            #expect(try row(of: first.entry) == "\(expected)|inbound|list,unknown_sender")
        }
    }

    @Test func `labels that doubt the author go when a better copy has them not`() throws {
        let key = [UInt8].random(32)
        let candidate = [UInt8].random(16)
        let number = try Tenant.addCandidate(to: tenant.company.id, emailIndex: candidate, in: administration)
        let thread = ThreadID.random()
        try administration.startThread(thread, candidate: number, company: tenant.company.id, markerVersion: 1)
        let known = [BlindIndex(version: 1, bytes: candidate)]
        let first = tenant.message(
            dedupeKey: key, thread: thread, authentication: .fail, labels: [.spoofedSender, .list])
        #expect(try mailHost.ingest([first]) == [.captured])
        #expect(
            Set(try row(of: first.entry).split(separator: "|").last!.split(separator: ","))
                == ["spoofed_sender", "list", "unknown_sender"])
        // The candidate is who wrote it after all.
        let better = tenant.message(
            dedupeKey: key, thread: thread, authentication: .none, labels: [.spoofedSender], correspondents: known)
        #expect(try mailHost.ingest([better]) == [.duplicate])
        #expect(
            try Set(row(of: first.entry).split(separator: "|").last!.split(separator: ",")) == [
                "spoofed_sender", "list",
            ])
        // Sent by a colleague, as it says.
        let best = tenant.message(
            dedupeKey: key, thread: thread, direction: .outbound, authentication: .pass, labels: [.list],
            correspondents: known)
        #expect(try mailHost.ingest([best]) == [.duplicate])
        #expect(try row(of: first.entry) == "pass|outbound|list")
    }

    @Test func `what comes to a removed message changes nothing of it, and an anonymized candidate's stays erased`()
        throws
    {
        let user = try database.timeline(of: tenant, .superAdmin)
        let candidate = try Tenant.addCandidate(to: tenant.company.id, emailIndex: .random(16), in: administration)
        let thread = ThreadID.random()
        try administration.startThread(thread, candidate: candidate, company: tenant.company.id, markerVersion: 1)
        let key = [UInt8].random(32)
        func copy(_ direction: Direction, _ authentication: Authentication) -> IngestEntry {
            var copy = tenant.message(
                dedupeKey: key, thread: thread, direction: direction, authentication: authentication,
                learnedIDs: [.random(16)])
            copy.record.copyIndex = .random(16)
            return copy
        }
        let first = copy(.internal, .fail)
        #expect(try mailHost.ingest([first]) == [.captured])
        try user.removeMessage(first.entry, company: tenant.company.id, reason: "test")
        let before = try row(of: first.entry)
        #expect(try mailHost.ingest([copy(.outbound, .pass)]) == [.duplicate])
        #expect(try row(of: first.entry) == before)
        #expect(
            try database.query(
                "SELECT copy_index, cardinality(recipient_indices) FROM lever.message WHERE entry_id = '\(first.entry)'"
            )
                == "|0")
        try user.anonymize(candidate, company: tenant.company.id, reason: "test")
        #expect(try mailHost.ingest([copy(.outbound, .pass)]) == [.erased])
        #expect(
            try database.query("SELECT count(*) FROM lever.message_dedupe WHERE dedupe_key = '\\x\(key.hex)'") == "0")
    }

    @Test func `what a mail is known by goes with it`() throws {
        let keys = (0..<2).map { _ in [UInt8].random(32) }
        let first = message([keys[0]])
        #expect(try [[first], [message(keys)]].flatMap { try mailHost.ingest($0) } == [.captured, .duplicate])
        _ = try database.query("DELETE FROM lever.message WHERE entry_id = '\(first.entry)'")
        #expect(
            try database.query("SELECT count(*) FROM lever.message_dedupe WHERE company_id = \(tenant.company.id)")
                == "0")
        #expect(try mailHost.ingest([message([keys[1]])]) == [.captured])
    }

    @Test func `hosts that race with different keys first store each mail once`() throws {
        let mails = (0..<40).map { _ in [[UInt8].random(32), [UInt8].random(32)] }
        let (tenant, conninfo) = (tenant, database.conninfo(user: "mailhost"))
        let results = concurrently(4) { host in
            let connection = try IngestSession(conninfo)
            var outcomes: [Outcome] = []
            for start in stride(from: 0, to: mails.count, by: 10) {
                outcomes += try connection.ingest(
                    mails[start..<start + 10].map { keys in
                        host.isMultiple(of: 2)
                            ? tenant.message(dedupeKey: keys[0], further: [keys[1]])
                            : tenant.message(dedupeKey: keys[1], further: [keys[0]])
                    })
            }
            return outcomes
        }
        let outcomes = try results.flatMap { try $0.get() }
        #expect(outcomes.count { $0 == .captured } == 40)
        #expect(outcomes.count { $0 == .duplicate } == 120)
        #expect(try stored() == "40")
    }
}
