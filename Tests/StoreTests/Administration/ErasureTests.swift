import Core
import TestSupport
import Testing

@testable import Store

@Suite struct ErasureTests: StoreSuite {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture(.common())
    }

    private static let mayNot = StoreError.refused("this login may not erase")

    private func count(_ table: String, _ entry: EntryID) throws -> String {
        try database.query("SELECT count(*) FROM lever.\(table) WHERE entry_id = '\(entry)'")
    }

    /// Every row that the database has of the company, as text.
    private func everything() throws -> String {
        try database.lines(
            """
            SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'company_id'
            WHERE relnamespace = 'lever'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
            """
        ).map { try database.query("SELECT t::text FROM lever.\($0) AS t WHERE company_id = \(company)") }
            .joined(separator: "\n")
    }

    @Test(
        arguments: [
            (UserRole.superAdmin, nil), (.admin, nil), (.teamMember, mayNot), (.limitedTeamMember, mayNot),
        ] as [(UserRole, StoreError?)])
    func `admins remove messages, others do not`(role: UserRole, refusal: StoreError?) throws {
        let index = [UInt8].random(16)
        let message = tenant.message(sender: index)
        #expect(try mailHost.ingest([message]) == [.captured])
        let login = try database.newUser(of: company, administration, role, emailIndex: index)
        let timeline = try ReaderSession(database.conninfo(user: login))
        #expect(
            try storeError { try timeline.removeMessage(message.entry, company: company, reason: "why") } == refusal)
        #expect(try count("message_key", message.entry) == (refusal == nil ? "0" : "1"))
        let last = try #require(
            try database.audit(of: company, administration).records(of: company, after: 0, limit: 100)
                .last { $0.login == login })
        #expect(last.action == "remove" && last.entry == message.entry && last.allowed == (refusal == nil))
        #expect(last.reason == (refusal == nil ? "why" : "this login may not erase: why"))
    }

    @Test func `of a removed message the event remains: what, when and where, not who and nothing of the content`()
        throws
    {
        let message = tenant.message(sender: .random(16))
        let other = tenant.message()
        #expect(try mailHost.ingest([message, other]) == [.captured, .captured])
        var again = message
        again.entry = .make(at: .now())
        #expect(try mailHost.ingest([again]) == [.duplicate])
        let timeline = try database.timeline(of: tenant)
        let before = try #require(try timeline.find(entry: message.entry, company: company))
        try timeline.removeMessage(message.entry, company: company, reason: "asked for")

        let after = try #require(try timeline.find(entry: message.entry, company: company))
        #expect(after.removedAt != nil && after.signature == nil && after.hostKeyID == nil)
        #expect(after.binding == before.binding && after.candidate == before.candidate && after.size == before.size)
        let content = message.content
        let all = try everything()
        for gone in [message.record.senderIndex!, message.messageIDIndex!.bytes, content.head]
            + message.record.recipientIndices
        {
            #expect(!all.contains(gone.hex))
        }
        #expect(try count("message_part", message.entry) == "0")
        #expect(
            try storeError { try timeline.open(entry: message.entry, company: company, .init(.open, reason: "")) }
                == .refused("shredded"))
        #expect(
            try storeError { try timeline.removeMessage(message.entry, company: company, reason: "") }
                == .refused("no such message"))
        let stranger = try database.timeline(of: Tenant(in: administration), .superAdmin)
        #expect(
            try storeError { try stranger.removeMessage(other.entry, company: company, reason: "") }
                == .refused("no right in this company"))
        #expect(try count("message_key", other.entry) == "1")
    }

    @Test
    func `a removed message does not come back: neither from its own host nor from another that has the same mail`()
        throws
    {
        let sealed = SealedMessage(head: .random(100), tail: .random(1_500_000))
        let message = tenant.message(sealed)
        #expect(try mailHost.ingest([message]) == [.captured])
        #expect(try count("message_part", message.entry) == "2")
        try database.timeline(of: tenant).removeMessage(message.entry, company: company, reason: "")
        let copy = tenant.message(sealed, dedupeKey: message.record.dedupeKeys[0])
        #expect(try mailHost.ingest([message]) == [.erased])
        #expect(try mailHost.ingest([copy]) == [.duplicate])
        for entry in [message.entry, copy.entry] {
            #expect(try count("message_part", entry) == "0")
            #expect(try count("message_key", entry) == "0")
        }
        #expect(try mailHost.ingest([tenant.message(sealed)]) == [.captured])
    }

    @Test(
        arguments: [
            (UserRole.superAdmin, nil), (.admin, mayNot), (.teamMember, mayNot), (.limitedTeamMember, mayNot),
        ] as [(UserRole, StoreError?)])
    func `a super admin anonymizes, others do not`(role: UserRole, refusal: StoreError?) throws {
        let timeline = try database.timeline(of: tenant, role)
        #expect(
            try storeError { try timeline.anonymize(tenant.candidate, company: company, reason: "why") } == refusal)
        let candidate = try #require(try administration.candidates(of: company).first)
        #expect((candidate.anonymizedAt != nil) == (refusal == nil))
    }

    @Test func `nothing that could tell who an anonymous candidate was is in any table`() throws {
        let index = [UInt8].random(16)
        let profile = SealedMessage(head: .random(100), tail: .random(80))
        let id = try administration.reserveCandidateID(of: company)
        let now = Timestamp.now()
        let binding = Binding(
            content: .profile, company: company, subject: id.rawValue, entry: .make(at: now), time: now)
        try administration.addCandidate(profile, binding: binding, emailIndex: index, indexVersion: 1)
        let thread = ThreadID.random()
        try administration.startThread(thread, candidate: id, company: company, markerVersion: 1)
        let message = tenant.message(further: [.random(32)], thread: thread, sender: index)
        let kept = tenant.message()
        var refused = tenant.record(.tooLarge)
        (refused.thread, refused.messageIDIndex) = (thread, BlindIndex(version: 1, bytes: .random(16)))
        #expect(try mailHost.ingest([message, kept, refused]) == [.captured, .captured, .tooLarge])
        let timeline = try database.timeline(of: tenant, .superAdmin)
        let content = message.content
        let traces =
            [
                index, profile.head, profile.tail, content.head, message.messageIDIndex!.bytes,
                message.record.origin!.signature,
                refused.messageIDIndex!.bytes,
            ]
            + message.record.recipientIndices + message.record.dedupeKeys + [
                try content.readTail(0..<content.tailLength)
            ]

        let before = try everything()
        for trace in traces { #expect(before.contains(trace.hex)) }
        try timeline.anonymize(id, company: company, reason: "asked for")
        let after = try everything()
        for trace in traces { #expect(!after.contains(trace.hex)) }

        // The skeleton stays, and everybody else's.
        let entry = try #require(try timeline.find(entry: message.entry, company: company))
        #expect(entry.removedAt != nil && entry.thread == thread && entry.acceptedAt == message.record.acceptedAt)
        #expect(try timeline.candidate(id, company: company).anonymizedAt != nil)
        _ = try timeline.open(entry: kept.entry, company: company, .init(.open, reason: ""))
        #expect(
            try storeError { try timeline.openProfile(of: id, company: company, reason: "") } == .refused("shredded"))
        #expect(
            try storeError { try timeline.anonymize(CandidateID(rawValue: 999_999), company: company, reason: "") }
                == .refused("no such candidate"))

        // What comes later is not kept, and no thread starts.
        let later = tenant.message(thread: thread)
        #expect(try mailHost.ingest([later, message]) == [.erased, .erased])
        #expect(try count("message", later.entry) == "0")
        #expect(try count("message_part", message.entry) == "0")
        #expect(
            try storeError {
                try administration.startThread(.random(), candidate: id, company: company, markerVersion: 1)
            } == .anonymous(id))
    }

    @Test func `who applies again is recognised, however often, and nobody else is`() throws {
        let index = [UInt8].random(16)
        let timeline = try database.timeline(of: tenant, .superAdmin)
        let other = try Tenant(in: administration).company.id
        func former(_ index: [UInt8], version: UInt8 = 1, _ company: CompanyID? = nil) throws -> CandidateID? {
            try administration.formerCandidate(emailIndices: [(version, index)], of: company ?? self.company)
        }
        for _ in 0..<3 {
            let id = try Tenant.addCandidate(to: company, emailIndex: index, in: administration)
            #expect(try former(index) != id)
            #expect(
                try administration.candidate(emailIndex: index, indexVersion: 1, of: company)?.id == id)
            try timeline.anonymize(id, company: company, reason: "")
            #expect(try former(index) == id)
            #expect(try administration.candidate(emailIndex: index, indexVersion: 1, of: company) == nil)
        }
        #expect(try former(.random(16)) == nil)
        #expect(try former(index, version: 2) == nil)
        #expect(try former(index, other) == nil)
    }
}
