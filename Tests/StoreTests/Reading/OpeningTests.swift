import Core
import TestSupport
import Testing

@testable import Store

/// A head is given out once the audit row for it is committed, and not otherwise.
@Suite struct OpeningTests: StoreSuite {
    let fixture: StoreFixture
    private let message: IngestEntry
    private let login: String
    private let connection: Connection

    init() throws {
        fixture = try StoreFixture(.common())
        message = fixture.tenant.message()
        #expect(try fixture.mailHost.ingest([message]) == [.captured])
        login = try fixture.database.newUser(of: fixture.tenant.company.id, fixture.administration, .teamMember)
        connection = try fixture.database.connection(user: login)
    }

    private var head: [UInt8] {
        message.content.head
    }

    private func request(_ action: String = "open", _ entry: EntryID? = nil, reason: String = "") throws -> Int64? {
        try connection.query(
            """
            SELECT ticket
            FROM lever.request_opening(\(company), \(entry ?? message.entry), NULL, \(action), \(reason))
            """
        ).single.decode(Int64?.self)
    }

    private func take(_ ticket: Int64, _ connection: Connection? = nil, of company: CompanyID? = nil) throws -> [UInt8]
    {
        try (connection ?? self.connection).query("SELECT lever.take_head(\(company ?? self.company), \(ticket))")
            .single.decode([UInt8].self)
    }

    private func records() throws -> [AuditRecord] {
        try database.audit(of: company, administration).records(of: company, after: 0, limit: 1000)
    }

    @Test func `a committed request gives the head, for ten minutes`() throws {
        let ticket = try #require(try request(reason: "a test"))
        #expect(try take(ticket) == head)
        func age(_ minutes: Int) throws {
            _ = try database.query(
                """
                SET session_replication_role = replica;
                UPDATE lever.audit SET at = clock_timestamp() - interval '\(minutes) minutes'
                WHERE company_id = \(company) AND seq = \(ticket)
                """)
        }
        try age(9)
        #expect(try take(ticket) == head)
        try age(11)
        #expect(try sqlState { try take(ticket) } == "42501")
    }

    @Test(arguments: ["SELECT 1", "SAVEPOINT s"])
    func `a request gives nothing in its own transaction, in a part of it neither`(before: String) throws {
        try connection.execute("BEGIN; \(before)")
        let ticket = try #require(try request())
        #expect { _ = try take(ticket) } throws: { error in
            (error as? DatabaseError)?.sqlState == "42501" && "\(error)".contains("not committed")
        }
        try connection.execute("ROLLBACK")
        try connection.execute("BEGIN; \(before)")
        let second = try #require(try request())
        try connection.execute("COMMIT")
        #expect(try take(second) == head)
    }

    @Test func `a request that was rolled back gives nothing`() throws {
        try connection.execute("BEGIN")
        let ticket = try #require(try request())
        try connection.execute("ROLLBACK")
        #expect(try sqlState { try take(ticket) } == "42501")
        #expect(try request() == ticket)
        #expect(try take(ticket) == head)
    }

    @Test func `a row gives nothing to another login, for another company, for a refusal, or for another deed`() throws
    {
        let other = try Tenant(in: administration)
        let colleague = try database.connection(user: database.newUser(of: company, administration, .superAdmin))
        let ticket = try #require(try request())
        #expect(try sqlState { try take(ticket, colleague) } == "42501")
        #expect(try sqlState { try take(ticket, of: other.company.id) } == "42501")
        #expect(try request("open", .make(at: .now())) == nil)
        let refused = try #require(try records().last { $0.login == login })
        #expect(!refused.allowed)
        #expect(try sqlState { try take(refused.sequence) } == "42501")
        try connection.execute("SELECT lever.set_secret(\(company), \(tenant.thread), true, '')")
        let deed = try #require(try records().last { $0.login == login })
        #expect(deed.action == "secret" && deed.allowed)
        #expect(try sqlState { try take(deed.sequence) } == "42501")
        #expect(try sqlState { try take(9999) } == "42501")
        #expect(try take(ticket) == head)
    }

    @Test func `a ticket is worth nothing once its user is disabled or the thread is secret`() throws {
        let member = try database.newUser(of: company, administration, .teamMember)
        let connection = try database.connection(user: member)
        func ticket() throws -> Int64 {
            try connection.query(
                "SELECT (lever.request_opening(\(company), \(message.entry), NULL, 'open', '')).ticket"
            ).single.decode(Int64.self)
        }
        func take(_ ticket: Int64) throws -> String? {
            try sqlState { try connection.query("SELECT lever.take_head(\(company), \(ticket))") }
        }
        let first = try ticket()
        #expect(try take(first) == nil)
        try database.timeline(of: tenant).setSecret(true, thread: tenant.thread, company: company, reason: "")
        #expect(try take(first) == "42501")
        try database.timeline(of: tenant).setSecret(false, thread: tenant.thread, company: company, reason: "")
        #expect(try take(first) == nil)
        try administration.changeUser(member, role: nil, isEnabled: false, address: nil, of: company)
        #expect(try take(first) == "42501")
    }

    @Test func `there are three kinds of opening, and each is of one thing`() throws {
        for (action, entry, candidate, expected) in [
            ("open", message.entry, nil, nil), ("export", message.entry, nil, nil),
            ("profile", nil, tenant.candidate, nil),
            ("open", nil, tenant.candidate, "no such opening"), ("profile", message.entry, nil, "no such opening"),
            ("open", nil, nil, "no such opening"), ("open", message.entry, tenant.candidate, "no such opening"),
            ("peek", message.entry, nil, "no such opening"),
        ] as [(String, EntryID?, CandidateID?, String?)] {
            let (ticket, refusal) = try connection.query(
                "SELECT ticket, refusal FROM lever.request_opening(\(company), \(entry), \(candidate), \(action), '')"
            ).single.decode((Int64?, String?).self)
            #expect(refusal == expected, "\(action) \(entry as Any) \(candidate as Any)")
            #expect((ticket == nil) == (expected != nil))
        }
    }

    @Test func `every refusal leaves a row that says who, what and why`() throws {
        let other = try Tenant(in: administration)
        let stranger = try database.newUser(of: other.company.id, administration, .superAdmin)
        let purpose = ReaderSession.Purpose(.export, reason: "curious")
        let unknown = EntryID.make(at: .now())
        let mine = try ReaderSession(database.conninfo(user: login))
        let strangers = try ReaderSession(database.conninfo(user: stranger))
        #expect(throws: StoreError.self) { _ = try mine.open(entry: unknown, company: company, purpose) }
        #expect(throws: StoreError.self) { _ = try strangers.open(entry: message.entry, company: company, purpose) }
        #expect(throws: StoreError.self) { _ = try mine.openProfile(of: other.candidate, company: company, reason: "") }
        _ = try database.query("DELETE FROM lever.message_key WHERE entry_id = '\(message.entry)'")
        #expect(throws: StoreError.self) { _ = try mine.open(entry: message.entry, company: company, purpose) }
        let refused = try records().filter { !$0.allowed }
        #expect(refused.map(\.login) == [login, login, login])
        #expect(refused.map(\.action) == ["export", "profile", "export"])
        #expect(refused.map(\.entry) == [unknown, nil, message.entry])
        #expect(refused.map(\.candidate) == [nil, other.candidate, nil])
        #expect(refused.map(\.reason) == ["no such message: curious", "no such candidate", "shredded: curious"])

        // A stranger can fill no other company's audit: the refusal is in its own.
        let strange = try #require(
            try database.audit(of: other.company.id, administration)
                .records(of: other.company.id, after: 0, limit: 1000).last { $0.login == stranger })
        #expect(strange.action == "export" && !strange.allowed && strange.entry == message.entry)
        #expect(strange.reason == "no right in the company that was named, \(company)")
    }

    @Test func `what was given out and did not open is written down, by whom it was given to`() throws {
        let timeline = try ReaderSession(database.conninfo(user: login))
        let opening = try timeline.open(entry: message.entry, company: company, .init(.open, reason: ""))
        try timeline.reportFailure(of: opening, reason: "the signature is wrong")
        let last = try #require(try records().last { $0.login == login })
        #expect(last.action == "refuse" && !last.allowed && last.entry == message.entry)
        #expect(last.reason == "the signature is wrong")
        let ticket = try #require(try request())
        let colleague = try database.connection(user: database.newUser(of: company, administration, .superAdmin))
        let report: Query = "SELECT lever.report_failure(\(company), \(ticket), 'no')"
        #expect(try sqlState { try colleague.query(report) } == "42501")
        #expect(try sqlState { try connection.query(report) } == nil)
    }

    @Test(arguments: ["UPDATE lever.audit SET reason = ''", "DELETE FROM lever.audit", "TRUNCATE lever.audit"])
    func `rows of the audit are changed by nobody, the owner included; adding is all there is`(statement: String) throws
    {
        _ = try request()
        let owner = try database.connection(user: "administrator")
        try owner.assume("lever_owner")
        try owner.actFor(company)
        let before = try records()
        #expect { try owner.execute(statement) } throws: { error in
            (error as? DatabaseError)?.sqlState == "42501" && "\(error)".contains("never changed")
        }
        try owner.execute("SELECT lever.append_audit('test', true, NULL, NULL, NULL, '')")
        let after = try records().filter { $0.action != "access" }
        #expect(after.dropLast() == before.filter { $0.action != "access" }[...])
        #expect(after.last?.action == "test" && after.last?.login == "administrator")
    }
}
