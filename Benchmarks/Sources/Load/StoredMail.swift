import Core
import Foundation
import Store
import TestSupport

/// A database with companies, candidates, threads and messages as after a year of use: a few companies have most
/// messages, most candidates have ten, and one has thousands. Written as the superuser, since a million messages would
/// take minutes through `lever.ingest`, which is measured separately.
struct StoredMail {
    /// Each candidate has a thread with the same number, and company 1 is the site's.
    static let companies = 1000
    static let candidates = 20_000
    /// The candidate with many messages, in the site's company.
    static let busy = CandidateID(rawValue: 1_000_000)
    /// The blind index of a recipient of every fiftieth message.
    static let participant = "decode(repeat('0a', 16), 'hex')"

    let postgres: PostgresInstance
    let database: String

    var connectionString: String { postgres.connectionString(database: database, user: "mx1") }

    /// `busyMessages`: the number of messages of the busy candidate.
    init(in postgres: PostgresInstance, database: String, busyMessages: Int) throws {
        self.postgres = postgres
        self.database = database
        try query(
            """
            SET session_replication_role = replica;
            INSERT INTO lever.company (name, provider, sync)
            SELECT 'company ' || i, 'google', 'limited' FROM generate_series(2, \(Self.companies)) AS i
            ON CONFLICT DO NOTHING;
            INSERT INTO lever.company_domain (company_id, domain)
            SELECT company_id, 'company-' || company_id || '.example' FROM lever.company ON CONFLICT DO NOTHING;
            WITH candidate AS (
                SELECT i AS number, CASE i WHEN \(Self.busy) THEN 1
                    ELSE 1 + floor((\(Self.companies) - 1) * power((hashint8(i) & 65535) / 65536.0, 3))::bigint END AS company
                FROM generate_series(100, \(Self.candidates + 99)) AS i UNION ALL SELECT \(Self.busy), 1
            ), candidates AS (
                INSERT INTO lever.candidate (
                    company_id, candidate_id, head, tail, entry_id, bound_at, email_index, index_version)
                SELECT company, number, '\\x0a', '\\x0b', gen_random_uuid(), now(),
                    substring(sha256(number::text::bytea) FOR 16), 1
                FROM candidate
            )
            INSERT INTO lever.thread (company_id, thread_id, candidate_id) SELECT company, number, number FROM candidate;
            """)
        if busyMessages > 0 { try store("\(Self.busy)", 1...busyMessages) }
        try query("VACUUM ANALYZE")
    }

    /// Messages of all other candidates, in order of time.
    func store(_ numbers: ClosedRange<Int>) throws {
        try store("100 + hashint8(n) % \(Self.candidates / 2) + \(Self.candidates / 2)", numbers)
        try query("VACUUM ANALYZE")
    }

    /// Each with a real head and a small tail, since timelines do not read tails.
    private func store(_ candidate: String, _ numbers: ClosedRange<Int>) throws {
        try query(
            """
            SET session_replication_role = replica;
            CREATE TEMPORARY TABLE new AS
            SELECT t.company_id, t.candidate_id, t.thread_id, d.n, '2026-01-01'::timestamptz + d.n * interval '25 s' AS time,
                sha256(('\(candidate)' || d.n)::bytea) AS hash, gen_random_uuid() AS id
            FROM (SELECT n, \(candidate) AS candidate FROM generate_series(\(numbers.lowerBound), \(numbers.upperBound)) AS n) AS d
            JOIN lever.thread AS t ON t.thread_id = d.candidate
            ORDER BY d.n;
            -- As a mail host names them, by the time.
            UPDATE new SET id = (lpad(to_hex((extract(epoch FROM time) * 1000)::bigint), 12, '0')
                || '7' || substr(replace(id::text, '-', ''), 14))::uuid;
            INSERT INTO lever.message (
                company_id, entry_id, candidate_id, thread_id, direction, accepted_at, size, tail_size, host, queue_id,
                dedupe_key, key_ids, sender_index, recipient_indices, message_id_index, index_version, host_key_id, signature)
            SELECT company_id, id, candidate_id, thread_id, 'inbound', time, 183, 200, 'mx1', left(id::text, 11), hash,
                ARRAY[substring(hash FOR 20)], substring(hash FOR 16),
                ARRAY[CASE WHEN n % 50 = 0 THEN \(Self.participant) ELSE substring(hash FOR 16) END],
                substring(hash FOR 16), 1, substring(hash FOR 20), hash || hash
            FROM new;
            INSERT INTO lever.message_dedupe (company_id, dedupe_key, entry_id) SELECT company_id, hash, id FROM new;
            INSERT INTO lever.message_key (company_id, entry_id, head)
            SELECT company_id, id, decode(repeat('0e', 340), 'hex') FROM new;
            INSERT INTO lever.message_part (company_id, entry_id, part, bytes)
            SELECT company_id, id, 0, decode(repeat('0f', 200), 'hex') FROM new;
            INSERT INTO lever.delivery (
                company_id, entry_id, thread_id, direction, outcome, size, host, queue_id, accepted_at, stored_at,
                spooled_at, matched, message_id_index, index_version)
            SELECT company_id, id, thread_id, 'inbound', 'captured', 183, 'mx1', left(id::text, 11), time, time, time,
                'in_reply_to', substring(hash FOR 16), 1
            FROM new;
            """)
    }

    /// `count` companies and threads, spread over all candidates.
    func threads(_ count: Int) throws -> [(CompanyID, ThreadID)] {
        let lines = try query(
            "SELECT company_id, thread_id FROM lever.thread WHERE thread_id BETWEEN 100 AND \(Self.candidates + 99) ORDER BY hashint8(thread_id) LIMIT \(count)"
        ).split(separator: "\n")
        return lines.map { line in
            let numbers = line.split(separator: "|").map { Int64($0)! }
            return (CompanyID(rawValue: numbers[0]), ThreadID(rawValue: numbers[1]))
        }
    }

    /// Bytes of write-ahead log written so far.
    func logPosition() throws -> Double { Double(try query("SELECT pg_current_wal_insert_lsn() - '0/0'"))! }

    @discardableResult
    func query(_ sql: String) throws -> String { try postgres.query(sql, database: database) }
}
