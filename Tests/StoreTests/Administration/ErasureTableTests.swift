import Core
import TestSupport
import Testing

@testable import Store

/// What an erasure leaves, table by table. A table or column that is not here fails these tests until it was decided
/// what an erasure does with it.
@Suite struct ErasureTableTests: StoreSuite {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture(.installed())
    }

    /// Columns that keep a value of an anonymous candidate, in tables that keep rows.
    private static let kept: [String: Set<String>] = [
        // email_index is a digest that recognises who applies again.
        "candidate": [
            "company_id", "candidate_id", "entry_id", "bound_at", "email_index", "index_version", "anonymized_at",
            "change",
        ],
        "thread": [
            "company_id", "thread_id", "candidate_id", "marker_version", "is_external", "secret_by", "erased_at",
            "created_at",
        ],
        // dedupe_key is random then.
        "message": [
            "company_id", "entry_id", "candidate_id", "thread_id", "direction", "accepted_at", "stored_at", "size",
            "tail_size", "host", "queue_id", "dedupe_key", "key_ids", "index_version", "authentication", "labels",
            "removed_at",
        ],
        "delivery": [
            "company_id", "entry_id", "thread_id", "direction", "outcome", "size", "host", "queue_id", "matched",
            "accepted_at", "spooled_at", "stored_at", "is_stray", "stored_as",
        ],
        "withdrawn_thread": ["company_id", "thread_id", "withdrawn_at"],
        // That something was erased of the thread, for mail hosts.
        "learned_loss": ["company_id", "thread_id", "change"],
        "audit": [
            "company_id", "seq", "at", "login", "action", "allowed", "entry_id", "candidate_id", "thread_id", "reason",
            "hash", "xid",
        ],
    ]
    /// Of these nothing is left.
    private static let emptied: Set<String> = [
        "message_key", "message_part", "message_dedupe", "learned_id", "send_grant", "outbox", "outbox_part",
        "former_head",
    ]
    /// These have an entry's column, and nothing of candidates: addresses of users and of the never-log list.
    private static let others: Set<String> = [
        "learned_loss", "withdrawn_thread", "address", "address_index", "never_log", "mail_account",
    ]

    private static let columns = ["candidate_id", "thread_id", "entry_id"]

    @Test func `each table that names candidates, threads or entries is one that an erasure was thought of for`() throws
    {
        let tables = try database.lines(
            """
            SELECT DISTINCT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
            WHERE c.relnamespace = 'lever'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                AND a.attname IN ('candidate_id', 'thread_id', 'entry_id')
            """)
        #expect(Set(tables) == Self.emptied.union(Self.kept.keys).union(Self.others))
    }

    @Test func `after an erasure each table has what is listed of the candidate and nothing else`() throws {
        try fill()
        let entries = try database.query(
            """
            SELECT string_agg(quote_literal(entry_id), ', ') FROM (
                SELECT entry_id FROM lever.message WHERE company_id = \(company)
                UNION SELECT entry_id FROM lever.delivery WHERE company_id = \(company)
                UNION SELECT entry_id FROM lever.outbox WHERE company_id = \(company)) AS e
            """)
        func condition(_ table: String) throws -> String {
            let own = try database.lines(
                """
                SELECT attname FROM pg_attribute WHERE attrelid = 'lever.\(table)'::regclass
                    AND attname IN ('candidate_id', 'thread_id', 'entry_id')
                """)
            let values = [
                "candidate_id": "\(tenant.candidate)", "thread_id": "\(tenant.thread)", "entry_id": entries,
            ]
            return own.map { "\($0) IN (\(values[$0]!))" }.joined(separator: " OR ")
        }
        for table in Self.emptied.union(Self.kept.keys) {
            let count = try database.query("SELECT count(*) FROM lever.\(table) WHERE \(condition(table))")
            #expect(count != "0", "\(table): the test has nothing to erase")
        }
        let timeline = try database.timeline(of: tenant, .superAdmin)
        try timeline.anonymize(tenant.candidate, company: company, reason: "asked for")
        try expectErased(condition)

        // What came in all the same, such as from a restored dump, goes when it is asked for again.
        try fill(withForce: true)
        try timeline.anonymize(tenant.candidate, company: company, reason: "again")
        try expectErased(condition)
        let audited = try database.audit(of: company, administration).records(of: company, after: 0, limit: 100)
        #expect(audited.filter { $0.action == "anonymize" && $0.allowed }.map(\.reason) == ["asked for", "again"])
    }

    private func expectErased(_ condition: (String) throws -> String) throws {
        for table in Self.emptied {
            #expect(
                try database.query("SELECT count(*) FROM lever.\(table) WHERE \(condition(table))") == "0", "\(table)")
        }
        for (table, kept) in Self.kept {
            let names = kept.map { "'\($0)'" }.joined(separator: ", ")
            let left = try database.lines(
                """
                SELECT DISTINCT f.key FROM lever.\(table) AS t, jsonb_each_text(to_jsonb(t)) AS f
                WHERE (\(condition(table))) AND f.value IS NOT NULL AND f.value <> '[]' AND f.key NOT IN (\(names))
                """)
            #expect(left == [], "\(table)")
        }
    }

    /// Rows of the candidate in every table. With force, as somebody who is held up by no trigger.
    private func fill(withForce: Bool = false) throws {
        if withForce {
            _ = try database.query("UPDATE lever.thread SET erased_at = NULL WHERE company_id = \(company)")
        }
        _ = try database.query("DELETE FROM lever.withdrawn_thread WHERE company_id = \(company)")
        let message = tenant.message(
            further: [.random(32)], sender: .random(16), correspondents: [BlindIndex(version: 1, bytes: .random(16))],
            learnedIDs: [.random(16)])
        var refused = tenant.record(.tooLarge)
        refused.messageIDIndex = BlindIndex(version: 1, bytes: .random(16))
        #expect(try mailHost.ingest([message, refused]) == [.captured, .tooLarge])
        let login = try database.newUser(of: company, administration, .admin)
        _ = try database.query(
            """
            SET session_replication_role = \(withForce ? "replica" : "origin");
            BEGIN;
            INSERT INTO lever.outbox SELECT o.* FROM jsonb_populate_record(NULL::lever.outbox,
                (SELECT to_jsonb(m) FROM lever.message AS m
                 WHERE m.company_id = \(company) AND m.entry_id = '\(message.entry)')
                || jsonb_build_object('login', '\(login)', 'attempts', 1, 'is_answer', true, 'size', 0,
                    'tail_size', 1, 'entry_id', gen_random_uuid(), 'dedupe_keys', '{}', 'head', '\\x00',
                    'signature', sha256(''))) AS o;
            INSERT INTO lever.outbox_part (company_id, entry_id, part, bytes)
            SELECT company_id, entry_id, 0, '\\x00' FROM lever.outbox
            WHERE company_id = \(company) AND login = '\(login)';
            COMMIT;
            INSERT INTO lever.former_head (company_id, entry_id, audit_seq, kind, head)
            SELECT company_id, entry_id, 1, 'message_key', head FROM lever.message_key
            WHERE company_id = \(company) AND entry_id = '\(message.entry)'
            ON CONFLICT DO NOTHING;
            INSERT INTO lever.learned_loss (company_id, thread_id, change) VALUES (\(company), \(tenant.thread), 1)
            ON CONFLICT DO NOTHING;
            INSERT INTO lever.send_grant VALUES (
                \(company), gen_random_uuid(), '\(login)', \(tenant.candidate), \(tenant.thread), NULL, now(), 1, 1,
                'hire.lever.co', 1, pg_current_xact_id());
            INSERT INTO lever.withdrawn_thread (company_id, thread_id) VALUES (\(company), \(tenant.thread))
            """)
    }
}
