import Core
import TestSupport
import Testing

@testable import Store

/// What the database says and keeps of a message besides its content: labels, learned ids, external threads.
///
/// Over 250 lines: the cases build on one another's messages.
@Suite struct ConversationTests: StoreSuite {
    let fixture: StoreFixture
    /// The index of the candidate's address.
    private let anna = [UInt8].random(16)
    private let candidate: CandidateID
    private let thread = ThreadID.random()

    init() throws {
        fixture = try StoreFixture(.common())
        let (company, administration) = (fixture.tenant.company.id, fixture.administration)
        candidate = try Tenant.addCandidate(to: company, emailIndex: anna, in: administration)
        try administration.startThread(thread, candidate: candidate, company: company, markerVersion: 1)
    }

    private func index(_ bytes: [UInt8], version: UInt8 = 1) -> BlindIndex {
        BlindIndex(version: version, bytes: bytes)
    }

    private func labels(of entry: EntryID) throws -> String {
        try database.query("SELECT array_to_string(labels, ',') FROM lever.message WHERE entry_id = '\(entry)'")
    }

    // MARK: Labels

    @Test
    func `whoever writes and is not the candidate is unknown; what goes out and not to the candidate is a forward`()
        throws
    {
        let others = [UInt8].random(16)
        let cases: [(Direction, [BlindIndex], Set<MessageLabel>, String)] = [
            (.inbound, [index(anna)], [], ""),
            (.inbound, [index(others), index(anna)], [.list], "list"),
            (.inbound, [index(others)], [.autoReply], "auto_reply,unknown_sender"),
            (.inbound, [], [.bounce], "bounce,unknown_sender"),
            // The same address under another key is another index.
            (.inbound, [index(anna, version: 2)], [], "unknown_sender"),
            (.outbound, [index(others), index(anna)], [], ""),
            (.outbound, [index(others)], [], "forward"),
            (.internal, [], [], ""),
        ]
        for (direction, correspondents, given, expected) in cases {
            let message = tenant.message(
                thread: thread, direction: direction, labels: given, correspondents: correspondents)
            #expect(try mailHost.ingest([message]) == [.captured])
            #expect(try labels(of: message.entry) == expected)
        }
        let entries = try database.timeline(of: tenant).entries(company: tenant.company.id, candidate: candidate)
        #expect(entries.map(\.labels).contains([.autoReply, .unknownSender]))
    }

    @Test func `a mail that a server split by its recipients is a forward only while none of them is the candidate`()
        throws
    {
        let key = [UInt8].random(32)
        func part(_ direction: Direction, _ correspondents: [BlindIndex]) -> IngestEntry {
            tenant.message(dedupeKey: key, thread: thread, direction: direction, correspondents: correspondents)
        }
        let first = part(.internal, [])
        #expect(try mailHost.ingest([first]) == [.captured])
        #expect(try mailHost.ingest([part(.outbound, [index(.random(16))])]) == [.duplicate])
        #expect(try labels(of: first.entry) == "forward")
        #expect(try mailHost.ingest([part(.outbound, [index(anna)])]) == [.duplicate])
        #expect(try labels(of: first.entry) == "")
        #expect(try mailHost.ingest([part(.outbound, [index(.random(16))])]) == [.duplicate])
        #expect(try labels(of: first.entry) == "", "it went to the candidate once")
        #expect(
            try database.query("SELECT direction FROM lever.message WHERE entry_id = '\(first.entry)'") == "outbound")
    }

    @Test func `what trusted hosts say of a sender is kept`() throws {
        for value in Authentication.allCases {
            let message = tenant.message(thread: thread, authentication: value)
            #expect(try mailHost.ingest([message]) == [.captured])
            let entry = try #require(
                try database.timeline(of: tenant).find(entry: message.entry, company: tenant.company.id))
            #expect(entry.authentication == value)
        }
    }

    // MARK: Learned ids

    private func learned(_ id: [UInt8]) throws -> String {
        try database.query(
            "SELECT thread_id FROM lever.learned_id WHERE company_id = \(tenant.company.id) AND id_index = '\\x\(id.hex)'"
        )
    }

    @Test func `an id belongs to the thread that had it first, and what a server renamed is known by either name`()
        throws
    {
        let (id, other) = ([UInt8].random(16), [UInt8].random(16))
        let message = tenant.message(thread: thread, learnedIDs: [id])
        #expect(try mailHost.ingest([message]) == [.captured])
        #expect(try learned(id) == "\(thread)")
        #expect(try mailHost.ingest([message]) == [.captured], "brought again")
        // Another thread claims it: it stays the first one's, and hosts hear that it is worth nothing.
        let horizon = try mailHost.learnedHorizon()
        #expect(try told(id, since: horizon) == nil && toldInFull(id) == thread.rawValue)
        #expect(try mailHost.ingest([tenant.message(learnedIDs: [id])]) == [.captured])
        #expect(try learned(id) == "\(thread)")
        #expect(try told(id, since: horizon) == 0 && toldInFull(id) == 0)
        #expect(try mailHost.ingest([tenant.message(thread: thread, learnedIDs: [id])]) == [.captured])
        #expect(try toldInFull(id) == 0, "for ever")
        // The same mail with another Message-ID is a duplicate, known by its further dedupe key.
        let renamed = tenant.message(
            further: message.record.dedupeKeys, thread: thread, learnedIDs: [other])
        #expect(try mailHost.ingest([renamed]) == [.duplicate])
        #expect(try learned(other) == "\(thread)")
    }

    @Test func `of claims in one batch the first wins, and two threads' claims contest an id`() throws {
        let ids = (0..<3).map { _ in [UInt8].random(16) }
        let other = tenant.thread
        let batch = [
            tenant.message(thread: thread, learnedIDs: [ids[0], ids[1]]), tenant.message(learnedIDs: [ids[1], ids[2]]),
            tenant.message(thread: thread, learnedIDs: [ids[0]]), tenant.message(learnedIDs: [ids[2]]),
        ]
        #expect(try mailHost.ingest(batch) == Array(repeating: .captured, count: 4))
        #expect(try toldInFull(ids[0]) == thread.rawValue && toldInFull(ids[2]) == other.rawValue)
        #expect(try toldInFull(ids[1]) == 0)
    }

    @Test func `a contested id goes with the message that had it first, and is nobody's then`() throws {
        let id = [UInt8].random(16)
        let (first, second) = (tenant.message(thread: thread, learnedIDs: [id]), tenant.message(learnedIDs: [id]))
        #expect(try mailHost.ingest([first]) == [.captured] && mailHost.ingest([second]) == [.captured])
        let user = try database.timeline(of: tenant, .superAdmin)
        try user.removeMessage(second.entry, company: tenant.company.id, reason: "test")
        #expect(try toldInFull(id) == 0, "who contested it may be gone")
        try user.removeMessage(first.entry, company: tenant.company.id, reason: "test")
        #expect(try learned(id) == "" && toldInFull(id) == nil)
    }

    /// What a host hears of an id.
    private func told(_ id: [UInt8], since horizon: LearnedHorizon) throws -> Int64? {
        try mailHost.learnedChanges(since: horizon).flatMap { entries($0.threads)[Array(id.prefix(8))] }
    }

    private func toldInFull(_ id: [UInt8]) throws -> Int64? {
        var number: Int64?
        try mailHost.forEachLearnedPage { number = entries($0)[Array(id.prefix(8))] ?? number }
        return number
    }

    @Test func `learned ids go with their message: removed, anonymized, or older than the company keeps`() throws {
        let user = try database.timeline(of: tenant, .superAdmin)
        let ids = (0..<3).map { _ in [UInt8].random(16) }
        let old = Timestamp(milliseconds: Timestamp.now().milliseconds - 86_400_000 * 40)
        let messages = [
            tenant.message(thread: thread, learnedIDs: [ids[0]]), tenant.message(thread: thread, learnedIDs: [ids[1]]),
            tenant.message(acceptedAt: old, learnedIDs: [ids[2]]),
        ]
        #expect(try mailHost.ingest(messages) == [.captured, .captured, .captured])
        try user.removeMessage(messages[0].entry, company: tenant.company.id, reason: "test")
        #expect(try learned(ids[0]) == "")
        #expect(try learned(ids[1]) == "\(thread)")
        // What comes to a removed message stays a duplicate of it, and brings nothing back.
        let again = tenant.message(dedupeKey: messages[0].record.dedupeKeys[0], thread: thread, learnedIDs: [ids[0]])
        #expect(try mailHost.ingest([again]) == [.duplicate])
        #expect(try learned(ids[0]) == "")

        var change = CompanyChange()
        change.retentionDays = 30
        _ = try administration.change(tenant.company.id, change)
        let service = try database.newService("lever_retention", of: tenant.company.id, administration)
        _ = try RetentionSession(database.conninfo(user: service)).deleteExpired(of: tenant.company.id, atMost: 100)
        #expect(try learned(ids[2]) == "")

        try user.anonymize(candidate, company: tenant.company.id, reason: "test")
        #expect(try learned(ids[1]) == "")
        let late = tenant.message(thread: thread, learnedIDs: [.random(16)])
        #expect(try mailHost.ingest([late]) == [.erased])
        #expect(
            try database.query(
                "SELECT count(*) FROM lever.learned_id WHERE company_id = \(tenant.company.id) AND thread_id = \(thread)"
            )
                == "0")
    }

    // MARK: What mail hosts remember

    private func entries(_ packed: [UInt8]) -> [[UInt8]: Int64] {
        var entries: [[UInt8]: Int64] = [:]
        for start in stride(from: 0, to: packed.count, by: 16) {
            let number = packed[(start + 8)..<(start + 16)].reduce(Int64(0)) { $0 << 8 | Int64($1) }
            entries[Array(packed[start..<start + 8])] = number
        }
        return entries
    }

    @Test func `a host reads everything once, and then what came since`() throws {
        let database = try StoreDatabase.installed()
        let administration = try database.administration()
        let (mailHost, tenant) = (try database.mailHost(), try Tenant(in: administration))
        func whole() throws -> [[UInt8]: Int64] {
            var all: [[UInt8]: Int64] = [:]
            try mailHost.forEachLearnedPage { all.merge(entries($0)) { first, _ in first } }
            return all
        }
        #expect(try whole().isEmpty)
        let ids = (0..<5).map { _ in [UInt8].random(16) }
        func bring(_ ids: ArraySlice<[UInt8]>) throws {
            #expect(try mailHost.ingest([tenant.message(learnedIDs: Array(ids))]) == [.captured])
        }
        func keys(_ ids: ArraySlice<[UInt8]>) -> [[UInt8]: Int64] {
            Dictionary(uniqueKeysWithValues: ids.map { (Array($0.prefix(8)), tenant.thread.rawValue) })
        }
        try bring(ids[0..<2])
        let horizon = try mailHost.learnedHorizon()
        #expect(try whole() == keys(ids[0..<2]))
        func isNew(_ id: [UInt8], since horizon: LearnedHorizon) throws -> Bool {
            try mailHost.learnedChanges(since: horizon).map { entries($0.threads) }?[Array(id.prefix(8))]
                == tenant.thread.rawValue
        }
        try bring(ids[2..<3])

        // A transaction that is open when the horizon is taken is seen by what is read after its end.
        let slow = try database.connection(user: "postgres")
        try slow.execute(
            """
            BEGIN;
            INSERT INTO lever.learned_id (company_id, id_index, thread_id, entry_id)
            VALUES (\(tenant.company.id), '\\x\(ids[3].hex)', \(tenant.thread), gen_random_uuid())
            """)
        try bring(ids[4..<5])
        let next = try mailHost.learnedHorizon()
        #expect(try isNew(ids[2], since: horizon) && isNew(ids[4], since: horizon) && !isNew(ids[3], since: horizon))
        // And what was through before is not read again, however long it stays open.
        #expect(try !isNew(ids[4], since: next) && !isNew(ids[2], since: next))
        #expect(try isNew(ids[4], since: LearnedHorizon(oldestOpen: next.oldestOpen)))
        try slow.execute("COMMIT")
        #expect(try isNew(ids[3], since: next))

        // Rows of a database that was restored from a dump, with numbers that are yet to come here.
        _ = try database.query("UPDATE lever.learned_id SET change = 1000000000000")
        #expect(try mailHost.learnedChanges(since: mailHost.learnedHorizon()).map { entries($0.threads) } == [:])
        #expect(try whole() == keys(ids[...]))

        // Companies that are not on limited sync are nobody's business.
        var change = CompanyChange()
        change.sync = .off
        _ = try administration.change(tenant.company.id, change)
        #expect(try whole().isEmpty)
    }

    @Test func `candidates are told to hosts where their company takes unsigned markers, until they are anonymous`()
        throws
    {
        let database = try StoreDatabase.installed()
        let administration = try database.administration()
        let (mailHost, tenant) = (try database.mailHost(), try Tenant(in: administration))
        func known() throws -> [[UInt8]: Int64] {
            var all: [[UInt8]: Int64] = [:]
            try mailHost.forEachCandidatePage { all.merge(entries($0)) { first, _ in first } }
            return all
        }
        #expect(try known().isEmpty)
        var change = CompanyChange()
        change.unsignedMarkers = .known
        _ = try administration.change(tenant.company.id, change)
        #expect(try Set(known().values) == [tenant.candidate.rawValue])
        let horizon = try mailHost.learnedHorizon()
        let index = [UInt8].random(16)
        let second = try Tenant.addCandidate(to: tenant.company.id, emailIndex: index, in: administration)
        #expect(
            try mailHost.learnedChanges(since: horizon).map { entries($0.candidates) }?[Array(index.prefix(8))]
                == second.rawValue)
        let user = try ReaderSession(
            database.conninfo(user: database.newUser(of: tenant.company.id, administration, .superAdmin)))
        try user.anonymize(second, company: tenant.company.id, reason: "test")
        #expect(try Set(known().values) == [tenant.candidate.rawValue])
    }

    // MARK: Threads of outside systems

    @Test func `the first message of an outside system's thread opens it, if the company takes those`() throws {
        let outside = ThreadID.random()
        func message(_ candidate: CandidateID) -> IngestEntry {
            tenant.message(thread: outside, labels: [.unsignedMarker], externalCandidate: candidate)
        }
        #expect(try mailHost.ingest([message(candidate)]) == [.unknownThread], "it refuses them")
        var change = CompanyChange()
        change.unsignedMarkers = .known
        _ = try administration.change(tenant.company.id, change)
        #expect(try mailHost.ingest([message(CandidateID(rawValue: 999_999_999))]) == [.unknownThread])
        let other = try Tenant(in: administration)
        #expect(try mailHost.ingest([message(other.candidate)]) == [.unknownThread], "another company's candidate")
        #expect(try mailHost.ingest([message(candidate), message(candidate)]) == [.captured, .captured])
        #expect(
            try database.query("SELECT candidate_id, is_external FROM lever.thread WHERE thread_id = \(outside)")
                == "\(candidate)|t")
        try database.timeline(of: tenant, .superAdmin).anonymize(
            candidate, company: tenant.company.id, reason: "test")
        #expect(try mailHost.ingest([message(candidate)]) == [.erased])
        var late = message(candidate)
        late.thread = .random()
        #expect(try mailHost.ingest([late]) == [.erased], "and opens no other thread")
    }
}
