import Core
import Foundation
import Sealing
import TestSupport
import Testing

@testable import Store

/// Many messages are opened by the rules for one.
@Suite struct OpeningBatchTests: StoreSuite {
    let fixture: StoreFixture
    private let messages: [IngestEntry]
    private let login: String
    private let connection: Connection

    init() throws {
        fixture = try StoreFixture(.common())
        messages = (0..<3).map { [tenant = fixture.tenant] _ in tenant.message() }
        #expect(try fixture.mailHost.ingest(messages) == [.captured, .captured, .captured])
        login = try fixture.database.newUser(of: fixture.tenant.company.id, fixture.administration, .teamMember)
        connection = try fixture.database.connection(user: login)
    }

    private var entries: [EntryID] { messages.map(\.entry) }

    private func request(
        _ entries: [EntryID?], _ action: String = "open", _ connection: Connection? = nil
    ) throws -> [(entry: EntryID?, ticket: Int64?, refusal: String?)] {
        try (connection ?? self.connection).query(
            """
            SELECT entry, ticket, refusal
            FROM lever.request_openings(\(company), \(entries), \(action), 'why')
            """
        ).decode((EntryID?, Int64?, String?).self)
    }

    private func take(_ tickets: [Int64?], of company: CompanyID? = nil, _ connection: Connection? = nil) throws -> [(
        Int64, [UInt8]?
    )] {
        try (connection ?? self.connection).query(
            "SELECT ticket, head FROM lever.take_heads(\(company ?? self.company), \(tickets))"
        ).decode((Int64, [UInt8]?).self)
    }

    private func records() throws -> [AuditRecord] {
        try database.audit(of: company, administration).records(of: company, after: 0, limit: 1000)
    }

    private func faults() throws -> [AuditChain.Fault] {
        let audit = try database.audit(of: company, administration)
        func note() throws -> AuditVerification.Note? { try audit.head(of: company).map { ($0.sequence, $0.hash) } }
        let threads = try audit.threads(of: company)
        var verification = AuditVerification(
            company: company, noted: try note(), heads: [], threads: Set(threads.keys))
        for record in try audit.records(of: company, after: 0, limit: 10_000) { try verification.append(record) }
        return verification.faults(notedAfterwards: try note(), threads: threads, misplaced: [])
    }

    @Test func `each request has a row of the audit, in order, and each allowed one gives its head`() throws {
        let unknown = EntryID.make(at: .now())
        let asked = [entries[2], unknown, entries[0], entries[2], nil]
        let before = try #require(try records().last?.sequence)
        let answers = try request(asked, "export")
        #expect(answers.map(\.entry) == asked)
        #expect(answers.map(\.refusal) == [nil, "no such message", nil, nil, "no such opening"])
        #expect(answers.map(\.ticket) == [before + 1, nil, before + 3, before + 4, nil])
        let rows = try records().filter { $0.login == login }
        #expect(rows.map(\.sequence) == (before + 1...before + 5).map { $0 })
        #expect(rows.map(\.entry) == asked && rows.allSatisfy { $0.action == "export" })
        #expect(rows.map(\.allowed) == [true, false, true, true, false])
        #expect(
            rows.map(\.reason) == ["why", "no such message: why", "why", "why", "no such opening: why"])
        #expect(try faults() == [])
        let tickets = answers.compactMap(\.ticket)
        #expect(try take(tickets.reversed()).map(\.0) == tickets.reversed())
        #expect(try take(tickets).map(\.1) == [2, 0, 2].map { messages[$0].content.head })
    }

    @Test(arguments: ["steal", "profile", nil]) func `only messages are opened together`(action: String?) throws {
        let answers = try connection.query(
            "SELECT ticket, refusal FROM lever.request_openings(\(company), \(entries), \(action), NULL)"
        ).decode((Int64?, String?).self)
        #expect(answers.map(\.0) == [nil, nil, nil])
        #expect(answers.allSatisfy { $0.1 == "no such opening" })
        #expect(try records().filter { $0.login == login && !$0.allowed }.count == 3)
    }

    @Test(arguments: [
        "'{}'", "NULL", "array_fill(gen_random_uuid(), ARRAY[1001])", "array_fill(gen_random_uuid(), ARRAY[2, 501])",
    ])
    func `no message and more than a thousand are one refused request`(entries: String) throws {
        let answers = try connection.query(
            "SELECT entry, ticket, refusal FROM lever.request_openings(\(company), \(unescaped: entries), 'open', '')"
        ).decode((EntryID?, Int64?, String?).self)
        #expect(answers.count == 1 && answers[0] == (nil, nil, "no such opening"))
        #expect(try records().filter { $0.login == login }.map(\.allowed) == [false])
    }

    @Test func `arrays of other shapes are read as lists`() throws {
        for shape in ["ARRAY[ARRAY['%@', '%@']]::uuid[]", "'[7:8]={%@,%@}'::uuid[]"] {
            let list = String(format: shape, "\(entries[0])", "\(entries[1])")
            let answers = try connection.query(
                "SELECT entry, ticket FROM lever.request_openings(\(company), \(unescaped: list), 'open', '')"
            ).decode((EntryID, Int64?).self)
            #expect(answers.map(\.0) == [entries[0], entries[1]])
            #expect(try take(answers.map(\.1)).map(\.1) == [messages[0].content.head, messages[1].content.head])
        }
        #expect(try faults() == [])
    }

    @Test func `one ticket that allows nothing keeps back all heads`() throws {
        let other = try Tenant(in: administration)
        let colleague = try database.connection(user: database.newUser(of: company, administration, .superAdmin))
        let tickets = try request(entries).map(\.ticket)
        let strange = try request([entries[0]], "open", colleague).map(\.ticket)
        #expect(try request([.make(at: .now())]).map(\.ticket) == [nil])
        let refused = try #require(try records().last { $0.login == login && !$0.allowed })
        #expect(try sqlState { try take(tickets + strange) } == "42501")
        #expect(try sqlState { try take(tickets + [refused.sequence]) } == "42501")
        #expect(try sqlState { try take(tickets + [9999]) } == "42501")
        #expect(try sqlState { try take(tickets + [nil]) } == "42501")
        #expect(try sqlState { try take(tickets, colleague) } == "42501")
        #expect(try sqlState { try take(tickets, of: other.company.id) } == "42501")
        #expect(try take(tickets).map(\.1) == messages.map(\.content.head))
        _ = try database.query(
            """
            SET session_replication_role = replica;
            UPDATE lever.audit SET at = clock_timestamp() - interval '11 minutes'
            WHERE company_id = \(company) AND seq = \(tickets[1]!)
            """)
        #expect(try sqlState { try take(tickets) } == "42501")
        #expect(try take([tickets[0], tickets[2]]).count == 2)
    }

    @Test func `heads are given out once the rows are committed, and not to their transaction`() throws {
        try connection.execute("BEGIN; SAVEPOINT s")
        let tickets = try request(entries).map(\.ticket)
        #expect { _ = try take(tickets) } throws: { "\($0)".contains("not committed") }
        try connection.execute("ROLLBACK")
        #expect(try sqlState { try take(tickets) } == "42501")
        let earlier = try request([entries[0]]).map(\.ticket)
        try connection.execute("BEGIN")
        let later = try request([entries[1]]).map(\.ticket)
        #expect { _ = try take(earlier + later) } throws: { "\($0)".contains("not committed") }
        try connection.execute("ROLLBACK")
        #expect(try take(earlier).count == 1)
    }

    @Test func `tickets are worth nothing once a thread is secret or the user is disabled; a shredded head is NULL`()
        throws
    {
        let second = ThreadID.random()
        try administration.startThread(second, candidate: tenant.candidate, company: company, markerVersion: 1)
        let hidden = tenant.message(thread: second)
        #expect(try mailHost.ingest([hidden]) == [.captured])
        let tickets = try request([entries[0], hidden.entry, entries[1]]).map(\.ticket)
        let admin = try database.timeline(of: tenant)
        try admin.setSecret(true, thread: second, company: company, reason: "")
        #expect(try sqlState { try take(tickets) } == "42501")
        #expect(try request([hidden.entry, entries[0]]).map(\.refusal) == ["no such message", nil])
        try admin.setSecret(false, thread: second, company: company, reason: "")
        _ = try database.query("DELETE FROM lever.message_key WHERE entry_id = '\(hidden.entry)'")
        #expect(try take(tickets).map(\.1) == [messages[0].content.head, nil, messages[1].content.head])
        #expect(try request([hidden.entry, entries[0]]).map(\.refusal) == ["shredded", nil])
        try administration.changeUser(login, role: nil, isEnabled: false, address: nil, of: company)
        #expect(try sqlState { try take([tickets[0]]) } == "42501")
    }

    @Test func `a stranger's requests are refused in the stranger's own company, each of them`() throws {
        let other = try Tenant(in: administration)
        let stranger = try database.newUser(of: other.company.id, administration, .superAdmin)
        let answers = try request(entries, "open", try database.connection(user: stranger))
        #expect(answers.map(\.refusal) == Array(repeating: "no right in this company", count: 3))
        #expect(answers.allSatisfy { $0.ticket == nil })
        #expect(try records().allSatisfy { $0.action != "open" && $0.login != stranger })
        let rows = try database.audit(of: other.company.id, administration)
            .records(of: other.company.id, after: 0, limit: 1000).filter { $0.login == stranger }
        #expect(rows.map(\.entry) == entries && rows.allSatisfy { !$0.allowed })
        #expect(rows.allSatisfy { $0.reason == "no right in the company that was named, \(company)" })
        let nobody = try database.connection(user: database.newLogin(in: "lever_reader"))
        #expect(try sqlState { try request(entries, "open", nobody) } == "42501")
    }

    @Test func `a session opens many at once, as each alone`() throws {
        let session = try ReaderSession(database.conninfo(user: login))
        let large = tenant.message(SealedMessage(head: .random(300), tail: .random(IngestBatch.partLength + 1000)))
        #expect(try mailHost.ingest([large]) == [.captured])
        _ = try database.query("DELETE FROM lever.message_key WHERE entry_id = '\(entries[1])'")
        _ = try database.query("DELETE FROM lever.message_part WHERE entry_id = '\(entries[2])'")
        let listed = try session.entries(company: company, candidate: tenant.candidate)
        let wanted = try (entries + [large.entry]).map { id in try #require(listed.first { $0.entry == id }) }
        let purpose = ReaderSession.Purpose(.open, reason: "together")
        let opened = try session.open(wanted, purpose)
        let alone = try wanted.map { try session.open([$0], purpose)[0] }
        for results in [opened, alone] {
            for (place, message) in [(0, messages[0]), (3, large)] {
                let sealed = try results[place].get().sealed
                #expect(sealed.head == message.content.head)
                #expect(try sealed.tail == message.content.readTail(0..<message.content.tailLength))
            }
            #expect(throws: StoreError.refused("shredded")) { try results[1].get() }
            #expect(throws: StoreError.incomplete(entries[2])) { try results[2].get() }
        }
        #expect(try session.open([], purpose).isEmpty)
        try session.reportFailure(of: opened[3].get(), reason: "the wrong key")
        #expect(try records().last { $0.action == "refuse" }?.entry == large.entry)
        #expect(try faults() == [])
    }

    @Test func `readers who ask at once wait for each other, and the chain holds`() throws {
        let (entries, company) = (self.entries, self.company)
        // Each is for one thread.
        nonisolated(unsafe) let sessions = try (0..<4).map { _ in
            try database.connection(user: database.newUser(of: company, administration, .teamMember))
        }
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 4) { index in
            do {
                for round in 0..<10 {
                    let asked = Array(repeating: entries, count: 1 + round % 3).flatMap { $0 }
                    let tickets = try sessions[index].query(
                        "SELECT ticket FROM lever.request_openings(\(company), \(asked), 'open', 'at once')"
                    ).decode(Int64.self)
                    let heads = try sessions[index].query(
                        "SELECT head FROM lever.take_heads(\(company), \(tickets))")
                    guard heads.count == asked.count else { return failures.add("heads are missing") }
                }
            } catch {
                failures.add("\(error)")
            }
        }
        #expect(failures.all == [])
        #expect(try records().filter { $0.reason == "at once" }.count == 4 * (4 * 3 + 3 * 6 + 3 * 9))
        #expect(try faults() == [])
    }
}

/// What went wrong on several threads.
private final class Failures: @unchecked Sendable {
    // Guarded by the lock.
    private var texts: [String] = []
    private let lock = NSLock()

    func add(_ text: String) { lock.withLock { texts.append(text) } }
    var all: [String] { lock.withLock { texts } }
}
