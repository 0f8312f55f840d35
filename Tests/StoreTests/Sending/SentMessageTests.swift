import Core
import Sealing
import TestSupport
import Testing

@testable import Store

/// What becomes of a message that a user sends: nobody's call teaches an id or joins a thread.
@Suite struct SentMessageTests: StoreSuite {
    let fixture: StoreFixture
    private let sender: Sender

    init() throws {
        fixture = try StoreFixture(.common())
        sender = try Sender(fixture)
    }

    /// A message of the candidate's in the thread, as a mail host brings it.
    private func question() throws -> EntryID {
        let message = tenant.message()
        #expect(try mailHost.ingest([message]) == [.captured])
        return message.entry
    }

    @Test func `everything that is stored of a sent message is the database's, and it teaches no id`() throws {
        let begun = try sender.waiting(to: tenant.candidate)
        #expect(try sender.finish(begun.entry) == .captured)
        let key = try administration.indexKey(of: company)
        let messageID = Array(begun.messageID.dropFirst().dropLast().utf8)
        let expected = try [
            sender.index.hex, key.messageIDIndex(messageID).hex,
            database.query(
                """
                SELECT encode(email_index, 'hex') FROM lever.candidate
                WHERE company_id = \(company) AND candidate_id = \(tenant.candidate)
                """),
        ]
        #expect(
            try column(
                "encode(sender_index, 'hex'), encode(message_id_index, 'hex'), encode(recipient_indices[1], 'hex'), "
                    + "cardinality(recipient_indices), direction, host, authentication, labels, signature IS NULL",
                of: begun.entry)
                == expected.joined(separator: "|") + "|1|outbound|leverctl|none|{sent}|t")
        #expect(
            try column("dedupe_key", of: begun.entry) == column("dedupe_key", of: begun.entry, in: "message_dedupe"))
        #expect(try count("learned_id") == "0")
        #expect(try column("outcome, matched", of: begun.entry, in: "delivery") == "captured|message_id")
        #expect(try [count("outbox"), count("outbox_part"), count("send_grant")] == ["0", "0", "0"])
    }

    @Test func `a reader cannot name ids, keys, indices, correspondents or times`() throws {
        // The calls of a login that sends, with the names of all that they take.
        let taken = try database.lines(
            """
            SELECT DISTINCT unnest(proargnames[1:pronargs]) FROM pg_proc
            WHERE pronamespace = 'lever'::regnamespace AND proname ~ 'send|outbox'
                AND has_function_privilege('lever_reader', oid, 'EXECUTE') ORDER BY 1
            """)
        #expect(
            taken == [
                "answered", "bytes", "candidate", "company", "entry", "failure", "head", "key_ids", "marker_domain",
                "part", "signature", "size", "tail_size",
            ])
    }

    @Test(arguments: Sender.Call.allCases)
    func `nobody gets into a secret thread by sending`(call: Sender.Call) throws {
        let entry = try question()
        let refusal = try sender.refusal(of: call, to: tenant.candidate, answering: entry) {
            try database.timeline(of: tenant, .admin).setSecret(
                true, thread: tenant.thread, company: company, reason: "hr")
        }
        #expect(refusal == .refused("no such thread"))
        #expect(try sender.session.find(entry: entry, company: company) == nil)
        #expect(try count("message") == "1")
        let last = try database.query(
            "SELECT login, action, allowed FROM lever.audit WHERE company_id = \(company) ORDER BY seq DESC LIMIT 1")
        #expect(last == "\(sender.login)|send|f")
    }

    /// What takes from a user the right to send.
    enum Change: CaseIterable { case withdrawn, disabled, limited, syncOff }

    @Test(arguments: Sender.Call.allCases, Change.allCases)
    func `each call looks whether the user may still send`(call: Sender.Call, change: Change) throws {
        let entry = try question()
        let refusal = try sender.refusal(of: call, to: tenant.candidate, answering: entry) {
            switch change {
            case .withdrawn: try sender.session.optIn(false, company: company)
            case .disabled:
                _ = try database.query("UPDATE lever.app_user SET disabled_at = now() WHERE login = '\(sender.login)'")
            case .limited:
                _ = try database.query(
                    "UPDATE lever.app_user SET role = 'limited_team_member' WHERE login = '\(sender.login)'")
            case .syncOff: _ = try database.query("UPDATE lever.company SET sync = 'off' WHERE company_id = \(company)")
            }
        }
        let expected =
            switch change {
            case .withdrawn: "this user has not opted in"
            case .disabled: "no right in this company"
            case .limited: "no such thread"
            case .syncOff: "the company has chosen no sync"
            }
        #expect(refusal == .refused(expected))
        #expect(try count("message") == "1")
    }

    @Test(arguments: Sender.Call.allCases)
    func `nothing is sent to a candidate who has become anonymous`(call: Sender.Call) throws {
        let admin = try database.timeline(of: tenant, .superAdmin)
        let refusal = try sender.refusal(of: call, to: tenant.candidate) {
            try admin.anonymize(tenant.candidate, company: company, reason: "gdpr")
        }
        let expected: StoreError? =
            switch call {
            case .take, .put: .refused("nothing allows this message")
            case .retry: .refused("no such message of this user in the outbox")
            case .finish: nil
            }
        #expect(refusal == expected)
        #expect(try [count("outbox"), count("outbox_part"), count("send_grant")] == ["0", "0", "0"])
        #expect(try count("message") == "0")
    }

    @Test func `a limited team member sends in threads that his message starts, until they are secret`() throws {
        let limited = try Sender(fixture, .limitedTeamMember)
        // Takes part in a thread of the candidate's, and so sees the candidate.
        #expect(try mailHost.ingest([tenant.message(recipients: [limited.index])]) == [.captured])
        let begun = try limited.waiting(to: tenant.candidate)
        #expect(try limited.finish(begun.entry) == .captured)
        let second = try limited.waiting(to: tenant.candidate)
        try database.timeline(of: tenant, .admin).setSecret(
            true, thread: second.thread, company: company, reason: "hr")
        #expect(try storeError { try limited.finish(second.entry) } == .refused("no such thread"))
    }

    @Test func `a hundred erasures that race with sending leave nothing behind`() throws {
        let (database, company) = (database, company)
        let candidates = try (0..<100).map { _ in
            try Tenant.addCandidate(to: company, emailIndex: .random(16), in: administration)
        }
        let admin = try database.conninfo(user: database.newUser(of: company, administration, .superAdmin))
        let results = concurrently(3) { worker in
            if worker == 0 {
                let timeline = try ReaderSession(admin)
                for candidate in candidates { try timeline.anonymize(candidate, company: company, reason: "") }
                return
            }
            let sender = try Sender(database, company, database.administration())
            for candidate in candidates {
                // Refused at whichever call the erasure came before; anything but a refusal fails the test.
                _ = try storeError { try sender.finish(sender.waiting(to: candidate).entry) }
            }
        }
        for result in results { try result.get() }
        for table in [
            "send_grant", "outbox", "outbox_part", "message_key", "message_part", "message_dedupe", "learned_id",
        ] {
            #expect(try count(table) == "0", "\(table)")
        }
        #expect(
            try database.query(
                "SELECT count(*) FROM lever.message WHERE company_id = \(company) AND removed_at IS NULL") == "0")
    }

    @Test func `an older view of the database does not help`() throws {
        let begun = try sender.waiting(to: tenant.candidate)
        try sender.connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        let calls: [Query] = [
            "SELECT lever.begin_send(\(company), \(tenant.candidate), NULL, 'a.example')",
            "SELECT lever.take_send(\(company), \(begun.entry))",
            "SELECT lever.finish_send(\(company), \(begun.entry))",
            "SELECT lever.take_outbox(\(company), \(begun.entry))",
        ]
        for call in calls {
            try sender.connection.execute("SAVEPOINT s")
            #expect(try sqlState { try sender.connection.query(call) } == "25000")
            try sender.connection.execute("ROLLBACK TO s")
        }
        try sender.connection.execute("ROLLBACK")
    }

    @Test func `what has expired in the outbox is not stored`() throws {
        _ = try database.query("UPDATE lever.company SET retention_days = 30 WHERE company_id = \(company)")
        let begun = try sender.waiting(to: tenant.candidate)
        _ = try database.query(
            "UPDATE lever.outbox SET accepted_at = now() - interval '31 days' WHERE entry_id = '\(begun.entry)'")
        #expect(try sender.finish(begun.entry) == .erased)
        #expect(try count("message") == "0" && count("outbox") == "0")
        #expect(try column("outcome, message_id_index IS NULL", of: begun.entry, in: "delivery") == "erased|t")
    }
}
