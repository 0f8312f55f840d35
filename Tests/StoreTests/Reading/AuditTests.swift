import Core
import Sealing
import TestSupport
import Testing

@testable import Store

/// What a superuser does to the audit, and what of it shows.
@Suite struct AuditTests {
    private let database: StoreDatabase
    private let company: CompanyID
    private let other: CompanyID
    private let audit: AuditorSession

    /// A chain of seven rows: addresses, a user, an access, an opening, a refusal, a profile, a secret.
    init() throws {
        database = try .installed()
        let administration = try database.administration()
        let tenant = try Tenant(in: administration)
        company = tenant.company.id
        other = try Tenant(in: administration).company.id
        let message = tenant.message()
        #expect(try database.mailHost().ingest([message]) == [.captured])
        // What made the companies is in the audit too: the chains begin anew.
        _ = try database.query(
            "SET session_replication_role = replica; DELETE FROM lever.audit; DELETE FROM lever.audit_head")
        try administration.recordOpening(reason: "the first row", of: company)
        let timeline = try database.timeline(of: tenant)
        let auditor = try database.newService("lever_auditor", of: company, administration)
        try administration.grantAccess(auditor, to: other)
        audit = try AuditorSession(database.conninfo(user: auditor))
        _ = try timeline.open(entry: message.entry, company: company, .init(.open, reason: "über alles, 日本"))
        let purpose = ReaderSession.Purpose(.export, reason: "")
        #expect(throws: StoreError.self) { _ = try timeline.open(entry: .make(at: .now()), company: company, purpose) }
        _ = try timeline.openProfile(of: tenant.candidate, company: company, reason: "")
        try timeline.setSecret(true, thread: tenant.thread, company: company, reason: "")
    }

    private func records(_ company: CompanyID? = nil) throws -> [AuditRecord] {
        try audit.records(of: company ?? self.company, after: 0, limit: 1000)
    }

    private func note(_ company: CompanyID) throws -> AuditVerification.Note? {
        try audit.head(of: company).map { ($0.sequence, $0.hash) }
    }

    private func faults(_ company: CompanyID? = nil, heads: [AuditHead] = []) throws -> [AuditChain.Fault] {
        let company = company ?? self.company
        var verification = AuditVerification(company: company, noted: try note(company), heads: heads, threads: [])
        for record in try records(company) { try verification.append(record) }
        return verification.faults(
            notedAfterwards: try note(company), threads: try audit.threads(of: company), misplaced: [])
    }

    private func export(_ sequence: Int64) throws -> AuditHead {
        let record = try #require(try records().first { $0.sequence == sequence })
        return try AuditHead(
            file: AuditHead.export(
                company: company, sequence: sequence, hash: record.hash, time: .now(), key: .generate()))
    }

    /// As the superuser, with all triggers and foreign keys off. `$company` and `$other` are the companies.
    private func tamper(_ statements: String) throws {
        _ = try database.query(
            "SET session_replication_role = replica;"
                + statements.replacing("$company", with: "\(company)").replacing("$other", with: "\(other)"))
    }

    @Test func `an audit that nobody touched is in order, with and without exported heads, and while rows come`() throws
    {
        let seven: [Int64] = [1, 2, 3, 4, 5, 6, 7]
        #expect(try records().map(\.sequence) == seven)
        #expect(try faults() == [])
        #expect(try faults(heads: seven.map { try export($0) }) == [])

        var verification = AuditVerification(company: company, noted: try note(company), heads: [], threads: [])
        for record in try records() { try verification.append(record) }
        try database.administration().recordOpening(reason: "meanwhile", of: company)
        #expect(try verification.faults(notedAfterwards: note(company), threads: [:], misplaced: []) == [])
        for record in try audit.records(of: company, after: 7, limit: 9) { try verification.append(record) }
        #expect(try verification.faults(notedAfterwards: note(company), threads: [:], misplaced: []) == [])
        #expect(
            AuditVerification(company: other, noted: nil, heads: [], threads: []).faults(
                notedAfterwards: nil, threads: [:], misplaced: []) == [.empty])
    }

    private static let row = "WHERE company_id = $company AND seq = 4"

    /// Every column but xid, which says nothing to a reader.
    @Test(arguments: [
        "at = at + interval '1 millisecond'", "login = login || 'x'", "action = 'export'", "allowed = NOT allowed",
        "entry_id = gen_random_uuid()", "entry_id = NULL", "candidate_id = 1", "thread_id = 1", "reason = ''",
        "login = login || action, action = ''",
    ])
    func `each column that is changed shows`(change: String) throws {
        try tamper("UPDATE lever.audit SET \(change) \(Self.row)")
        #expect(try faults() == [.changed(sequence: 4)])
    }

    @Test func `the list of columns that are changed in these tests is whole`() throws {
        let columns = try database.query(
            """
            SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns
            WHERE table_schema = 'lever' AND table_name = 'audit'
            """)
        #expect(
            columns
                == "company_id seq at login action allowed entry_id candidate_id thread_id reason hash xid")
    }

    @Test(
        arguments: [
            ("UPDATE lever.audit SET hash = sha256('') \(row)", [.changed(sequence: 4), .changed(sequence: 5)]),
            (
                "UPDATE lever.audit SET seq = 30 \(row)",
                [.missing(sequence: 4), .missing(sequence: 8), .headMismatch(sequence: 7)]
            ),
            ("DELETE FROM lever.audit WHERE company_id = $company AND seq = 1", [.missing(sequence: 1)]),
            ("DELETE FROM lever.audit \(row)", [.missing(sequence: 4)]),
            ("DELETE FROM lever.audit WHERE company_id = $company AND seq = 7", [.headMismatch(sequence: 7)]),
            ("DELETE FROM lever.audit WHERE company_id = $company", [.empty, .headMismatch(sequence: 7)]),
            (
                """
                UPDATE lever.audit SET seq = 100 \(row);
                UPDATE lever.audit SET seq = 4 WHERE company_id = $company AND seq = 5;
                UPDATE lever.audit SET seq = 5 WHERE company_id = $company AND seq = 100;
                """, [.changed(sequence: 4), .changed(sequence: 5), .changed(sequence: 6)]
            ),
            (
                """
                INSERT INTO lever.audit (company_id, seq, at, login, action, allowed, reason, hash)
                SELECT company_id, 8, at, login, action, allowed, reason, hash FROM lever.audit \(row)
                """, [.changed(sequence: 8), .headMismatch(sequence: 7)]
            ),
            (
                """
                UPDATE lever.audit SET seq = seq + 100 WHERE company_id = $company AND seq > 4;
                UPDATE lever.audit SET seq = seq - 99 WHERE company_id = $company AND seq > 100;
                INSERT INTO lever.audit (company_id, seq, at, login, action, allowed, reason, hash)
                SELECT company_id, 5, at, login, action, allowed, reason, hash FROM lever.audit \(row);
                UPDATE lever.audit_head SET seq = 8 WHERE company_id = $company;
                """,
                [.changed(sequence: 5), .changed(sequence: 6), .changed(sequence: 7), .changed(sequence: 8)]
            ),
            ("UPDATE lever.audit SET company_id = $other, seq = 3 \(row)", [.missing(sequence: 4)]),
            (
                "UPDATE lever.audit_head SET hash = sha256('') WHERE company_id = $company",
                [.headMismatch(sequence: 7)]
            ),
            ("UPDATE lever.audit_head SET seq = 9 WHERE company_id = $company", [.headMismatch(sequence: 9)]),
            (
                """
                UPDATE lever.audit_head AS h SET seq = a.seq, hash = a.hash FROM lever.audit AS a
                WHERE h.company_id = $company AND a.company_id = $company AND a.seq = 6
                """, [.headMismatch(sequence: 6)]
            ),
            ("DELETE FROM lever.audit_head WHERE company_id = $company", [.headMismatch(sequence: 0)]),
        ] as [(String, [AuditChain.Fault])])
    func `rows that are changed, removed, put in, moved or reordered show, and so does another end`(
        statements: String, expected: [AuditChain.Fault]
    ) throws {
        #expect(try faults(other) == [])
        try tamper(statements)
        #expect(try faults() == expected)
        // Where a row went to another company, it shows there too.
        #expect(try faults(other).isEmpty == !statements.contains("$other"))
    }

    @Test func `a row of another company is told as such`() throws {
        var chain = AuditChain(company: company)
        #expect(try chain.append(records(other)[0]) == [.foreign(sequence: 1)])
    }

    /// Changes row 4 and makes every hash from there on fit, and the note.
    private func rewrite() throws {
        try tamper("UPDATE lever.audit SET login = 'innocent' \(Self.row)")
        var hash = try records()[2].hash
        for record in try records().dropFirst(3) {
            hash = try SHA256.digest(of: record.hashedBytes(previous: hash))
            try tamper(
                """
                UPDATE lever.audit SET hash = '\\x\(hash.hex)' WHERE company_id = $company AND seq = \(record.sequence);
                UPDATE lever.audit_head SET hash = '\\x\(hash.hex)' WHERE company_id = $company
                """)
        }
    }

    @Test
    func `a chain that was rewritten as a whole shows against a head exported after the change's row, and only there`()
        throws
    {
        let heads = try [3, 4, 7].map { try export($0) }
        try rewrite()
        #expect(try records()[3].login == "innocent")
        #expect(try faults() == [])
        // A head vouches for the rows up to it and for none after.
        #expect(try faults(heads: [heads[0]]) == [])
        #expect(try faults(heads: [heads[1]]) == [.rewritten(sequence: 4)])
        #expect(try faults(heads: heads) == [.rewritten(sequence: 4), .rewritten(sequence: 7)])
    }

    @Test
    func
        `a chain whose end was cut off together with the note shows against an exported head alone; an empty one shows`()
        throws
    {
        let head = try export(7)
        try tamper(
            """
            DELETE FROM lever.audit WHERE company_id = $company AND seq = 7;
            UPDATE lever.audit_head AS h SET seq = a.seq, hash = a.hash FROM lever.audit AS a
            WHERE h.company_id = $company AND a.company_id = $company AND a.seq = 6
            """)
        #expect(try faults() == [])
        #expect(try faults(heads: [head]) == [.cutShort(sequence: 6, exported: 7)])
        try tamper(
            "DELETE FROM lever.audit WHERE company_id = $company; DELETE FROM lever.audit_head WHERE company_id = $company"
        )
        #expect(try faults() == [.empty])
        #expect(try faults(heads: [head]) == [.empty, .cutShort(sequence: 0, exported: 7)])
    }
}
