import Foundation
import TestSupport

/// From the spool to PostgreSQL, compared with a loop that inserts the same rows.
enum DeliverySuite: Suite {
    static let name = "delivery"
    static let title = "From the spool to PostgreSQL"

    static func run(_ plan: Plan) throws -> [Line] {
        let site = try Site()
        let load = try SpoolLoad(site: site, messages: plan.pick(6000, quick: 1000), size: 10_000)
        _ = try load.deliver()
        let plain = try PlainInserts(of: site, keepsRules: true)
        let bare = try PlainInserts(of: site, keepsRules: false)
        let results = try interleaved(
            plan.rounds(9, quick: 3),
            [
                { try load.deliver() }, { try plain.rate(batch: SpoolLoad.batch) },
                { try bare.rate(batch: SpoolLoad.batch) },
            ]
        ).map { Samples($0) }
        let title = "delivered 10 KB, batches of \(SpoolLoad.batch): messages"
        return [
            Line(
                name, title, results[0], "1/s", against: ("plain inserts", results[1]), target: .ratioAtLeast(0.8)),
            Line(name, title, results[0], "1/s", against: ("plain inserts, tables without rules", results[2])),
        ]
    }
}

/// A spool of captured messages, which the daemon delivers again and again to an empty database.
final class SpoolLoad {
    /// The daemon's default number of messages per transaction.
    static let batch = 64

    private let site: Site
    private let messages: Int
    private let spool: String

    /// Captures `count` messages with bodies of `size` bytes.
    init(site: Site, messages: Int, size: Int) throws {
        self.site = site
        self.messages = messages
        spool = site.directory.file("delivered")
        // Once with the database, for a copy of routing; then without, so that captured messages wait.
        try LeverMilter(site: site, spool: spool).stop()
        let capturing = try LeverMilter(site: site, spool: spool, database: "host=127.0.0.1 port=1 dbname=nowhere")
        let (socket, mail, sessions) = (capturing.socket, Mail.reply(to: site.marker, size: size), 16)
        _ = try inThreads(sessions) { session in
            let connection = try MilterConnection(socket: socket, mails: [mail])
            for number in stride(from: session, to: messages, by: sessions) {
                _ = try connection.send(number: 1_000_000_000 + number) { _, _ in }
            }
            try connection.quit()
        }
        try capturing.stop()
    }

    /// Messages a second that a daemon delivers, according to the rows: from the start of the first transaction to that
    /// of the last, so that the daemon's start does not count.
    func deliver() throws -> Double {
        try site.query("\(Self.clear); CHECKPOINT")
        let done = try FileManager.default.contentsOfDirectory(atPath: "\(spool)/delivered")
        for name in done { rename("\(spool)/delivered/\(name)", "\(spool)/new/\(name)") }
        let daemon = try LeverMilter(site: site, spool: spool)
        try poll("\(messages) messages to be delivered", timeout: 120) {
            try FileManager.default.contentsOfDirectory(atPath: "\(spool)/new").isEmpty ? () : nil
        }
        try daemon.stop()
        let answer = try site.query(
            """
            WITH batch AS (SELECT min(stored_at) AS began, count(*) AS size FROM lever.delivery GROUP BY xmin::text)
            SELECT sum(size), (sum(size) - (array_agg(size ORDER BY began DESC))[1])
                / extract(epoch FROM max(began) - min(began))
            FROM batch
            """
        ).split(separator: "|")
        guard answer.count == 2, answer[0] == "\(messages)", let rate = Double(answer[1]) else {
            throw HarnessError("of \(messages) messages the database has \(answer)")
        }
        return rate
    }

    /// Empties the tables of messages.
    static let clear =
        "TRUNCATE lever.message, lever.message_key, lever.message_part, lever.message_dedupe, "
        + "lever.learned_id, lever.delivery"
}

/// Inserts a site's rows into the same tables of another database, in a loop, many rows a statement, over one
/// connection, as the superuser, who bypasses row-level security.
final class PlainInserts {
    private static let tables = ["message", "message_key", "message_part", "message_dedupe", "learned_id", "delivery"]

    private let site: Site
    private let database: String
    private let connection: PlainConnection
    private let rows: [(table: String, rows: PlainRows)]

    /// With foreign keys, checks and triggers, or with indexes alone.
    init(of site: Site, keepsRules: Bool) throws {
        self.site = site
        database = keepsRules ? "plain" : "bare"
        try site.postgres.query("CREATE DATABASE \(database) TEMPLATE \(Site.database)")
        if !keepsRules { try site.postgres.query(Self.strip, database: database) }
        let source = try PlainConnection(site.postgres.connectionString(database: Site.database))
        rows = try Self.tables.map { ($0, try source.rows("SELECT * FROM lever.\($0)")) }
        connection = try PlainConnection(site.postgres.connectionString(database: database))
    }

    /// Messages a second, in transactions of that many.
    func rate(batch: Int) throws -> Double {
        try site.postgres.query("\(SpoolLoad.clear); CHECKPOINT", database: database)
        let count = rows[0].rows.count / batch * batch
        try connection.execute("DEALLOCATE ALL")
        for (table, rows) in rows {
            try connection.prepareInsert(table, into: "lever.\(table)", like: rows, count: batch)
        }
        let start = now()
        for first in stride(from: 0, to: count, by: batch) {
            try connection.execute("BEGIN")
            for (table, rows) in rows { try connection.insert(table, first..<first + batch, of: rows) }
            try connection.execute("COMMIT")
        }
        return Double(count) / (now() - start)
    }

    private static let strip = """
        DO $$
        DECLARE
            item record;
        BEGIN
            FOR item IN
                SELECT conrelid::regclass AS name, conname FROM pg_constraint
                WHERE connamespace = 'lever'::regnamespace AND contype IN ('f', 'c') AND conislocal AND conparentid = 0
                ORDER BY contype DESC
            LOOP
                EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', item.name, item.conname);
            END LOOP;
            FOR item IN
                SELECT tgrelid::regclass AS name, tgname FROM pg_trigger
                JOIN pg_class AS c ON c.oid = tgrelid
                WHERE c.relnamespace = 'lever'::regnamespace AND NOT tgisinternal AND tgparentid = 0
            LOOP
                EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s CASCADE', item.tgname, item.name);
            END LOOP;
        END
        $$
        """
}
