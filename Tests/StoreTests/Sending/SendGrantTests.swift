import Core
import TestSupport
import Testing

@testable import Store

/// Beginning a message: what a user is allowed, and what nobody is given without a row in the audit.
@Suite struct SendGrantTests: StoreSuite {
    let fixture: StoreFixture
    private let sender: Sender

    init() throws {
        fixture = try StoreFixture(.common())
        sender = try Sender(fixture)
    }

    @Test func `what is not committed is not given out`() throws {
        try sender.connection.execute("BEGIN")
        let begun = try sender.connection.query(
            "SELECT entry FROM lever.begin_send(\(company), \(tenant.candidate), NULL, 'hire.lever.co')"
        ).single.decode(EntryID.self)
        // Also after a savepoint, whose transaction is another.
        for statement in ["SAVEPOINT s", "SAVEPOINT t"] {
            try sender.connection.execute(statement)
            let (refusal, id) = try sender.connection.query(
                "SELECT refusal, message_id FROM lever.take_send(\(company), \(begun))"
            ).single.decode((String?, String?).self)
            #expect(refusal == "nothing allows this message" && id == nil)
        }
        try sender.connection.execute("ROLLBACK")
        #expect(try count("send_grant") == "0")
        let (refusal, id) = try sender.connection.query(
            "SELECT refusal, message_id FROM lever.take_send(\(company), \(begun))"
        ).single.decode((String?, String?).self)
        #expect(refusal == "nothing allows this message" && id == nil)
    }

    @Test func `what a user has begun is neither seen nor used by another`() throws {
        let begun = try sender.begin(to: tenant.candidate)
        let other = try Sender(fixture, .superAdmin)
        #expect(try sqlState { try other.connection.query("SELECT nonce FROM lever.send_grant") } == "42501")
        let refusal = try other.connection.query(
            "SELECT refusal FROM lever.take_send(\(company), \(begun.entry))"
        ).single.decode(String?.self)
        #expect(refusal == "nothing allows this message")
        #expect(try storeError { try other.put(begun.entry) } == .refused("nothing allows this message"))
        try sender.put(begun.entry)
        #expect(try other.finish(begun.entry) == .erased, "as if it were not there")
        #expect(
            try storeError { try other.session.takeFromOutbox(begun.entry, company: company) as Any }
                == .refused("no such message of this user in the outbox"))
        #expect(try count("outbox") == "1" && count("message") == "0")
    }

    @Test func `a message is put into the outbox once, within ten minutes`() throws {
        let begun = try sender.waiting(to: tenant.candidate)
        #expect(try storeError { try sender.put(begun.entry) } == .refused("nothing allows this message"))
        #expect(try sender.finish(begun.entry) == .captured)
        #expect(try storeError { try sender.put(begun.entry) } == .refused("nothing allows this message"))

        let late = try sender.begin(to: tenant.candidate)
        _ = try database.query(
            "UPDATE lever.send_grant SET accepted_at = now() - interval '11 minutes' WHERE entry_id = '\(late.entry)'")
        #expect(try storeError { try sender.put(late.entry) } == .refused("nothing allows this message"))
        let invented = EntryID.make(at: .now())
        #expect(try storeError { try sender.put(invented) } == .refused("nothing allows this message"))
        _ = try sender.begin(to: tenant.candidate)
        #expect(try count("send_grant") == "1", "what has expired is deleted")
        let last = try database.lines(
            """
            SELECT allowed, reason FROM lever.audit WHERE company_id = \(company) AND action = 'send'
            ORDER BY seq DESC LIMIT 2
            """)
        #expect(last == ["t|", "f|nothing allows this message"])
    }

    @Test func `of a message, the time is the database's and the thread a new one or that of the answered message`()
        throws
    {
        let before = Timestamp.now()
        let first = try sender.begin(to: tenant.candidate)
        #expect(first.acceptedAt >= before && first.acceptedAt <= .now() && first.thread != tenant.thread)
        let message = tenant.message()
        #expect(try mailHost.ingest([message]) == [.captured])
        let answer = try sender.begin(to: tenant.candidate, answering: message.entry)
        #expect(answer.thread == tenant.thread && first.entry.bytes.lexicographicallyPrecedes(answer.entry.bytes))
        #expect(Set([first.messageID, answer.messageID]).count == 2)
    }

    @Test func `a user has a hundred messages begun at most`() throws {
        let begun = try sender.begin(to: tenant.candidate)
        _ = try database.query(
            """
            INSERT INTO lever.send_grant SELECT g.company_id, gen_random_uuid(), g.login, g.candidate_id, g.thread_id,
                g.answered, g.accepted_at, g.marker_version, g.nonce, g.marker_domain, g.index_version, g.xid
            FROM lever.send_grant AS g, generate_series(1, 99) WHERE g.entry_id = '\(begun.entry)'
            """)
        let refusal = StoreError.refused("this user has begun 100 messages in ten minutes; wait")
        #expect(try storeError { try sender.begin(to: tenant.candidate) } == refusal)
        #expect(try storeError { try Sender(fixture).begin(to: tenant.candidate) } == nil)
    }

    @Test(arguments: [
        "begin_send(NULL, NULL, NULL, NULL)", "begin_send(C, NULL, NULL, 'a.example')",
        "begin_send(C, D, NULL, 'x.example> <y')", "begin_send(C, D, NULL, '')", "begin_send(C, -1, NULL, 'a.example')",
        "begin_send(C, D, gen_random_uuid(), 'a.example')", "begin_send(-1, D, NULL, 'a.example')",
        "take_send(NULL, NULL)", "take_send(C, NULL)",
        "put_outbox(NULL, NULL, NULL, NULL, NULL, NULL, NULL)", "put_outbox(C, NULL, 1, 63, '{}', 'h', S)",
        "put_outbox(C, E, NULL, 63, '{}', 'h', S)", "put_outbox(C, E, 1, NULL, '{}', 'h', S)",
        "put_outbox(C, E, 1, 63, NULL, 'h', S)", "put_outbox(C, E, 1, 63, '{}', NULL, S)",
        "put_outbox(C, E, -1, 61, K, H, S)", "put_outbox(C, E, 1, 64, K, H, S)", "put_outbox(C, E, 1, 2, K, H, S)",
        "put_outbox(C, E, 9223372036854775807, 61, K, H, S)", "put_outbox(C, E, 3000000000, 3000000062, K, H, S)",
        "put_outbox(C, E, 1, 63, K || K, H, S)", "put_outbox(C, E, 1, 63, K || NULL::bytea, H, S)",
        "put_outbox(C, E, 1, 63, ARRAY[K, K], H, S)", "put_outbox(C, E, 1, 63, K, 'h', S)",
        "put_outbox(C, E, 1, 63, K, '', S)",
        "put_outbox(C, E, 1, 63, '{}', H, S)", "put_outbox(C, E, 1, 63, ARRAY[substring(sha256('') FOR 20)], H, S)",
        "put_outbox(C, E, 1, 63, K, decode(repeat('00', 70000), 'hex') || H, S)",
        "put_outbox(C, E, 1, 63, K, H, NULL)", "put_outbox(C, E, 1, 63, K, H, '')",
        "put_outbox(C, E, 1, 63, K, H, decode(repeat('00', 100), 'hex'))", "put_outbox_part(NULL, NULL, NULL, NULL)",
        "put_outbox_part(C, E, 0, 'x')",
        "take_outbox(NULL, NULL)", "take_outbox(C, NULL)", "take_outbox_head(NULL, NULL)", "take_outbox_head(C, E)",
        "finish_send(NULL, NULL)", "finish_send(C, NULL)", "finish_send(C, E)",
    ])
    func `whatever the arguments are, nothing is stored`(call: String) throws {
        let begun = try sender.begin(to: tenant.candidate)
        let key = try database.query("SELECT key_id FROM lever.sealing_key WHERE company_id = \(company)")
        let values = [
            "C": "\(company)", "D": "\(tenant.candidate)", "E": "'\(begun.entry)'", "K": "ARRAY['\(key)'::bytea]",
            "H": "'head'::bytea || '\(key)'::bytea", "S": "decode(repeat('01', 70), 'hex')",
        ]
        let sql = call.replacing(/\b[CDEHKS]\b/) { values[String($0.output)]! }
        let state = try sqlState { try sender.connection.query("SELECT * FROM lever.\(unescaped: sql)") }
        #expect(state == nil || ["22003", "22023", "42501", "LV001"].contains(state!), "\(state ?? "")")
        #expect(
            try [count("outbox"), count("outbox_part"), count("message"), count("delivery")] == ["0", "0", "0", "0"])
    }

    @Test func `what a session sets does not help it`() throws {
        let other = try StoreFixture(database)
        let theirs = try Sender(other, .superAdmin)
        let begun = try theirs.begin(to: other.tenant.candidate)
        try sender.connection.execute(
            """
            SET lever.companies = '{\(other.tenant.company.id)}'; SET lever.company = '\(other.tenant.company.id)';
            SET search_path = pg_temp, public; SET ROLE lever_reader
            """)
        for statement in [
            "SELECT refusal FROM lever.take_send(\(other.tenant.company.id), '\(begun.entry)')",
            "SELECT refusal FROM lever.take_send(\(company), '\(begun.entry)')",
            "SELECT refusal FROM lever.begin_send(\(other.tenant.company.id), \(other.tenant.candidate), NULL, 'a.example')",
            "SELECT refusal FROM lever.begin_send(\(company), \(other.tenant.candidate), NULL, 'a.example')",
            "SELECT refusal FROM lever.take_outbox(\(other.tenant.company.id), '\(begun.entry)')",
        ] {
            let refusal = try sender.connection.query(Query(unescaped: statement)).single.decode(String?.self)
            #expect(refusal != nil, "\(statement)")
        }
    }
}
