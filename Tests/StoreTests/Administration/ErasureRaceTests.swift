import Core
import TestSupport
import Testing

@testable import Store

/// What happens at the same time as an erasure. Storing, sending and beginning a thread hold the candidate's row, which
/// an erasure locks.
@Suite struct ErasureRaceTests: StoreSuite {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture(.installed())
    }

    private func rows(_ table: String, _ company: CompanyID) throws -> String {
        try database.query("SELECT count(*) FROM lever.\(table) WHERE company_id = \(company)")
    }

    /// A super admin's session with an open transaction that anonymizes the tenant's candidate.
    private func anonymizing(_ tenant: Tenant) throws -> Connection {
        let login = try database.newUser(of: tenant.company.id, administration, .superAdmin)
        let user = try database.connection(user: login)
        try user.execute("BEGIN; SELECT lever.anonymize_candidate(\(tenant.company.id), \(tenant.candidate), '')")
        return user
    }

    private func takeUnsignedMarkers(_ company: CompanyID) throws {
        var change = CompanyChange()
        change.unsignedMarkers = .known
        _ = try administration.change(company, change)
    }

    @Test func `a thread of another system is not opened for a candidate who is being anonymized`() async throws {
        try takeUnsignedMarkers(company)
        let user = try anonymizing(tenant)
        let (conninfo, tenant) = (database.conninfo(user: "mailhost"), tenant)
        let end = try database.blocked {
            try deliver([tenant.message(thread: .random(), externalCandidate: tenant.candidate)], conninfo)
        }
        try user.execute("COMMIT")
        #expect(try await end() == [.erased])
        #expect(try rows("message", company) == "0")
        #expect(try rows("thread", company) == "1")
    }

    @Test func `a thread that is being opened for a candidate is erased with it`() async throws {
        try takeUnsignedMarkers(company)
        let (login, candidate, company) = (
            database.conninfo(user: try database.newUser(of: company, administration, .superAdmin)), tenant.candidate,
            company
        )
        let host = try database.connection(user: "mailhost")
        try host.execute("BEGIN")
        var batch = IngestBatch()
        try batch.append(tenant.message(thread: .random(), externalCandidate: tenant.candidate))
        try host.ingest(batch)
        let end = try database.blocked {
            try ReaderSession(login).anonymize(candidate, company: company, reason: "")
        }
        try host.execute("COMMIT")
        try await end()
        #expect(try rows("message_key", company) == "0")
        #expect(
            try database.query(
                "SELECT count(*) FROM lever.thread WHERE company_id = \(company) AND erased_at IS NULL") == "0")
    }

    @Test func `no thread is started with a candidate who is being anonymized`() async throws {
        let user = try anonymizing(tenant)
        let (conninfo, tenant) = (database.conninfo(user: "administrator"), tenant)
        let end = try database.blocked {
            try storeError {
                try OwnerSession(conninfo).startThread(
                    .random(), candidate: tenant.candidate, company: tenant.company.id, markerVersion: 1)
            }
        }
        try user.execute("COMMIT")
        #expect(try await end() == .anonymous(tenant.candidate))
        #expect(try rows("thread", company) == "1")
    }

    @Test func `nothing is put into the outbox for an anonymous candidate, whoever writes it`() throws {
        try database.timeline(of: tenant, .superAdmin).anonymize(tenant.candidate, company: company, reason: "")
        let login = try database.newUser(of: company, administration, .admin)
        #expect(throws: (any Error).self) {
            try database.query(
                """
                INSERT INTO lever.outbox SELECT o.* FROM jsonb_populate_record(NULL::lever.outbox, jsonb_build_object(
                    'company_id', \(company), 'candidate_id', \(tenant.candidate), 'thread_id', \(tenant.thread),
                    'login', '\(login)')) AS o
                """)
        }
        #expect(try rows("outbox", company) == "0")
    }

    @Test func `an erasure that is left open holds up nobody else's mail, and its own company's for seconds only`()
        throws
    {
        let user = try anonymizing(tenant)
        let other = try Tenant(in: administration)
        #expect(try mailHost.ingest([other.message()]) == [.captured])
        // Whatever the login's own limits are.
        try mailHost.connection.execute("SET lock_timeout = 0")
        #expect(try sqlState { try mailHost.ingest([tenant.message()]) } == "55P03")
        #expect(try mailHost.ingest([other.message()]) == [.captured])
        try user.execute("ROLLBACK")
        #expect(try mailHost.ingest([tenant.message()]) == [.captured])
    }

    @Test func `a hundred erasures that race with mail leave nothing behind`() throws {
        try takeUnsignedMarkers(company)
        let candidates = try (0..<100).map { _ in
            try Tenant.addCandidate(to: company, emailIndex: .random(16), in: administration)
        }
        let login = database.conninfo(user: try database.newUser(of: company, administration, .superAdmin))
        let (host, tenant) = (database.conninfo(user: "mailhost"), tenant)
        let results = concurrently(3) { worker in
            if worker == 0 {
                let timeline = try ReaderSession(login)
                for candidate in candidates {
                    try timeline.anonymize(candidate, company: tenant.company.id, reason: "")
                }
            } else {
                for candidate in candidates {
                    for _ in 0..<2 {
                        _ = try deliver([tenant.message(thread: .random(), externalCandidate: candidate)], host)
                    }
                }
            }
        }
        for result in results { try result.get() }
        for table in ["message_key", "message_part", "message_dedupe", "learned_id"] {
            #expect(try rows(table, company) == "0")
        }
        #expect(
            try database.query(
                "SELECT count(*) FROM lever.message WHERE company_id = \(company) AND removed_at IS NULL") == "0")
    }

    @Test func `anonymizing waits for a message that is being stored, and takes it along`() async throws {
        let message = tenant.message()
        var batch = IngestBatch()
        try batch.append(message)
        let host = try database.connection(user: "mailhost")
        try host.execute("BEGIN")
        let outcome = try host.ingest(batch).single.decode([String].self)
        #expect(outcome == ["captured"])
        let (login, candidate, company) = (
            database.conninfo(user: try database.newUser(of: company, administration, .superAdmin)), tenant.candidate,
            company
        )
        let end = try database.blocked {
            try ReaderSession(login).anonymize(candidate, company: company, reason: "")
        }
        try host.execute("COMMIT")
        try await end()
        for table in ["message_key", "message_part", "message_dedupe"] { #expect(try rows(table, company) == "0") }
        #expect(try rows("message", company) == "1")
    }

    @Test func `a message that waits for the anonymizing of its thread is not stored`() async throws {
        let user = try database.connection(user: database.newUser(of: company, administration, .superAdmin))
        try user.execute("BEGIN; SELECT lever.anonymize_candidate(\(company), \(tenant.candidate), '')")
        let (conninfo, tenant) = (database.conninfo(user: "mailhost"), tenant)
        let end = try database.blocked { try deliver([tenant.message()], conninfo) }
        try user.execute("COMMIT")
        #expect(try await end() == [.erased])
        #expect(try rows("message", company) == "0")
    }

    @Test func `a copy that comes while the message is being deleted waits, and is stored`() async throws {
        let key = [UInt8].random(32)
        let (message, tenant) = (tenant.message(dedupeKey: key), tenant)
        #expect(try mailHost.ingest([message]) == [.captured])
        let user = try database.connection(user: "postgres")
        try user.execute("BEGIN; DELETE FROM lever.message WHERE entry_id = '\(message.entry)'")
        let conninfo = database.conninfo(user: "mailhost")
        let end = try database.blocked { try deliver([tenant.message(dedupeKey: key)], conninfo) }
        try user.execute("COMMIT")
        #expect(try await end() == [.captured])
        for table in ["message_key", "message_part", "message_dedupe"] { #expect(try rows(table, company) == "1") }
    }

    @Test func `a message that comes again while it is being removed does not get its parts back`() async throws {
        let sealed = SealedMessage(head: .random(100), tail: .random(100))
        let (key, entry) = ([UInt8].random(32), EntryID.make(at: .now()))
        let tenant = tenant
        #expect(try mailHost.ingest([tenant.message(sealed, dedupeKey: key, entry: entry)]) == [.captured])
        let user = try database.connection(user: database.newUser(of: company, administration, .admin))
        try user.execute("BEGIN; SELECT lever.remove_message(\(company), '\(entry)', '')")
        let conninfo = database.conninfo(user: "mailhost")
        let end = try database.blocked {
            try deliver([tenant.message(sealed, dedupeKey: key, entry: entry)], conninfo)
        }
        try user.execute("COMMIT")
        #expect(try await end() == [.erased])
        #expect(try rows("message_part", company) == "0")
    }
}

/// Brings messages as a mail host does: again, until nobody holds what they need.
private func deliver(_ messages: [IngestEntry], _ conninfo: String) throws -> [Outcome] {
    let session = try IngestSession(conninfo)
    while true {
        do {
            return try session.ingest(messages)
        } catch let error as DatabaseError where ["55P03", "40P01"].contains(error.sqlState) {}
    }
}
