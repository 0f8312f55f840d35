import Core
import Sealing
import TestSupport
import Testing

@testable import Store

/// The audit proves whose thread each is, however it began, and refusals leave a row whatever was asked.
@Suite struct AuditedThreadTests: StoreSuite {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture(.installed())
    }

    private func faults() throws -> [AuditChain.Fault] {
        let audit = try database.audit(of: company, administration)
        func note() throws -> AuditVerification.Note? { try audit.head(of: company).map { ($0.sequence, $0.hash) } }
        var verification = AuditVerification(
            company: company, noted: try note(), heads: [], threads: Set(try audit.threads(of: company).keys))
        for record in try audit.records(of: company, after: 0, limit: 1000) { try verification.append(record) }
        return verification.faults(
            notedAfterwards: try note(), threads: try audit.threads(of: company),
            misplaced: try audit.misplacedMessages(of: company))
    }

    /// A thread that another system started, and its message.
    private func external() throws -> IngestEntry {
        var change = CompanyChange()
        change.unsignedMarkers = .known
        _ = try administration.change(company, change)
        let message = tenant.message(thread: .random(), externalCandidate: tenant.candidate)
        #expect(try mailHost.ingest([message]) == [.captured])
        return message
    }

    @Test func `a thread that mail opened is in the audit, and shows when it is given to another candidate`() throws {
        let message = try external()
        #expect(try faults() == [])
        let other = try Tenant.addCandidate(to: company, emailIndex: .random(16), in: administration)
        _ = try database.query(
            """
            SET session_replication_role = replica;
            UPDATE lever.thread SET candidate_id = \(other) WHERE thread_id = \(message.thread);
            UPDATE lever.message SET candidate_id = \(other) WHERE thread_id = \(message.thread)
            """)
        #expect(try faults() == [.reassigned(thread: message.thread, from: tenant.candidate)])
    }

    @Test func `a thread that was begun past the audit is told`() throws {
        let thread = ThreadID.random()
        _ = try database.query(
            """
            SET session_replication_role = replica;
            INSERT INTO lever.thread (company_id, thread_id, candidate_id)
            VALUES (\(company), \(thread), \(tenant.candidate))
            """)
        #expect(try faults() == [.unrecorded(thread: thread)])
    }

    @Test func `a message that was moved to another thread or candidate is told`() throws {
        let (message, other) = (tenant.message(), try external())
        #expect(try mailHost.ingest([message]) == [.captured])
        #expect(try faults() == [])
        _ = try database.query(
            """
            UPDATE lever.message SET thread_id = \(other.thread) WHERE entry_id = '\(message.entry)';
            """)
        #expect(try faults() == [.misplaced(entry: message.entry)])
        let candidate = try Tenant.addCandidate(to: company, emailIndex: .random(16), in: administration)
        _ = try database.query(
            """
            SET session_replication_role = replica;
            UPDATE lever.message SET thread_id = \(message.thread), candidate_id = \(candidate)
            WHERE entry_id = '\(message.entry)'
            """)
        #expect(try faults() == [.misplaced(entry: message.entry)])
    }

    @Test func `another company's auditor learns of no misplaced message`() throws {
        let message = tenant.message()
        #expect(try mailHost.ingest([message]) == [.captured])
        _ = try database.query(
            "SET session_replication_role = replica; UPDATE lever.message SET candidate_id = 1")
        let other = try Tenant(in: administration).company.id
        let audit = try database.audit(of: other, administration)
        #expect(try audit.misplacedMessages(of: other) == [])
        #expect(try audit.misplacedMessages(of: company) == [])
    }

    /// What a login may pass as a reason.
    private static let reasons = [
        "NULL", "''", "'why'", "repeat('x', 300)", "repeat('é', 100000)", "E'one\\ntwo\\u0085three\\u200e'",
    ]

    @Test(arguments: reasons)
    func `a refusal leaves a row whatever the reason, and so does what is allowed`(reason: String) throws {
        let login = try database.newUser(of: company, administration, .limitedTeamMember)
        let user = try database.connection(user: login)
        let message = tenant.message()
        #expect(try mailHost.ingest([message]) == [.captured])
        func count() throws -> Int {
            try Int(database.query("SELECT count(*) FROM lever.audit WHERE login = '\(login)'"))!
        }
        let calls = [
            "lever.request_opening(\(company), gen_random_uuid(), NULL, 'open', \(reason))",
            "lever.request_opening(\(company), '\(message.entry)', NULL, 'export', \(reason))",
            "lever.request_opening(\(company), NULL, \(tenant.candidate), 'profile', \(reason))",
            "lever.request_opening(\(company), NULL, NULL, 'open', \(reason))",
            "lever.request_opening(\(company), NULL, 1, 'steal', \(reason))",
            "lever.request_opening(\(company), NULL, 1, NULL, \(reason))",
            "lever.request_opening(NULL, NULL, 1, repeat('x', 100000), \(reason))",
            "lever.request_opening(\(company.rawValue + 1), '\(message.entry)', NULL, 'open', \(reason))",
            "lever.request_openings(\(company), ARRAY['\(message.entry)']::uuid[], 'open', \(reason))",
            "lever.request_openings(\(company), ARRAY[gen_random_uuid()], NULL, \(reason))",
            "lever.request_openings(\(company.rawValue + 1), ARRAY[gen_random_uuid()], 'open', \(reason))",
            "lever.request_openings(NULL, NULL, NULL, \(reason))",
            "lever.set_secret(\(company), \(tenant.thread), true, \(reason))",
            "lever.set_secret(\(company), NULL, NULL, \(reason))",
            "lever.remove_message(\(company), '\(message.entry)', \(reason))",
            "lever.remove_message(\(company), NULL, \(reason))",
            "lever.anonymize_candidate(\(company), \(tenant.candidate), \(reason))",
            "lever.choose_sync(\(company), 'full', \(reason))",
            "lever.choose_sync(\(company), 'sideways', \(reason))",
            "lever.choose_sync(\(company), NULL, \(reason))",
            "lever.opt_in(\(company), NULL)",
        ]
        for call in calls {
            let before = try count()
            try user.execute("SELECT \(call)")
            #expect(try count() == before + 1, "\(call)")
        }
        #expect(
            try database.query(
                "SELECT count(*) FROM lever.audit WHERE login = '\(login)' AND char_length(reason) > 260") == "0")
        #expect(try faults() == [])
    }
}
