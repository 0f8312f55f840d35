import Core
import Foundation
import Store
import TestSupport

/// Reading timelines and storing, in a database with very many messages.
enum TimelineSuite: Suite {
    static let name = "timeline"
    static let title = "Timelines, and the cost of stored messages"

    static func run(_ plan: Plan) throws -> [Line] {
        let site = try Site()
        let full = try StoredMail(
            in: site.postgres, database: Site.database, busyMessages: plan.pick(5000, quick: 2000))
        let empty = try emptyDatabase(site)
        let threads = try full.threads(2000)
        let readers = try ["admin", "team_member", "limited_team_member"].map { role in
            (role, try reader(role: role, site))
        }
        var lines: [Line] = []
        var stored = 0
        for goal in plan.pick([10_000, 100_000, 1_000_000], quick: [30_000]) {
            try full.store(stored + 1...goal)
            stored = goal
            lines += try pages(plan, site, readers, stored)
            lines += try storing(plan, empty, full, threads, stored)
        }
        return lines + [try size(full)]
    }

    private static func point(_ curve: String, _ stored: Int) -> Line.Point {
        .init(curve: curve, axis: "messages stored", x: Double(stored))
    }

    // MARK: A page

    /// The newest fifty messages of a candidate, with all of leverctl's queries for them, in milliseconds: listed, and
    /// then asked for, recorded in the audit and given out.
    private static func pages(
        _ plan: Plan, _ site: Site, _ readers: [(role: String, conninfo: String)], _ stored: Int
    ) throws -> [Line] {
        let usual = try site.query(
            """
            SELECT DISTINCT candidate_id FROM lever.message WHERE company_id = \(site.company)
                AND candidate_id <> \(StoredMail.busy) AND recipient_indices = ARRAY[\(StoredMail.participant)]
            """
        ).split(separator: "\n").prefix(20).map { CandidateID(rawValue: Int64($0)!) }
        var cases: [(name: String, conninfo: String, candidates: [CandidateID], isCold: Bool)] = []
        for (role, conninfo) in readers {
            cases.append(("\(role), usual candidates", conninfo, usual, false))
            cases.append(("\(role), busy candidate", conninfo, [StoredMail.busy], false))
        }
        cases.append(("admin, busy candidate, after a restart", readers[0].conninfo, [StoredMail.busy], true))
        let results = try interleaved(
            plan.rounds(9, quick: 3),
            cases.map { item in
                {
                    if item.isCold { try site.postgres.restart() }
                    let timeline = try ReaderSession(item.conninfo)
                    let company = CompanyID(rawValue: site.company)
                    // A session's first query fills its catalogue caches, which is not part of a page.
                    if !item.isCold {
                        _ = try timeline.entries(company: company, candidate: usual[0], TimelineSelection(last: 1))
                    }
                    let start = now()
                    let pages = try item.candidates.map {
                        try timeline.entries(company: company, candidate: $0, TimelineSelection(last: 50))
                    }
                    let listed = now()
                    for page in pages { _ = try timeline.open(page, ReaderSession.Purpose(.open, reason: "")) }
                    let count = Double(item.candidates.count)
                    return ((listed - start) * 1000 / count, (now() - listed) * 1000 / count)
                }
            })
        return zip(cases, results).flatMap { item, values in
            [
                Line(
                    name, "\(stored) stored: page of 50, \(item.name)", Samples(values.map(\.0)), "ms",
                    target: .valueAtMost(20), point: point(item.name, stored)),
                Line(
                    name, "\(stored) stored: the same given out", Samples(values.map(\.1)), "ms",
                    target: item.isCold ? nil : .valueAtMost(30)),
            ]
        }
    }

    /// A user who took part in some of the messages.
    private static func reader(role: String, _ site: Site) throws -> String {
        let login = "reader_\(role)"
        try site.query("CREATE ROLE \(login) LOGIN IN ROLE lever_reader")
        try site.ctl.check(
            "user", "add", login, "--company", "\(site.company)", "--role", role, "--email", "\(login)@acme.example")
        try site.query(
            """
            UPDATE lever.address_index SET email_index = \(StoredMail.participant) WHERE (company_id, entry_id) =
                (SELECT company_id, address_id FROM lever.app_user WHERE login = '\(login)')
            """)
        return site.postgres.connectionString(database: Site.database, user: login)
    }

    // MARK: Storing

    private static func storing(
        _ plan: Plan, _ empty: StoredMail, _ full: StoredMail, _ threads: [(CompanyID, ThreadID)], _ stored: Int
    ) throws -> [Line] {
        let toFull = try IngestLoad(full.connectionString, threads: threads)
        let toEmpty = try IngestLoad(empty.connectionString, threads: threads)
        let messages = plan.pick(3200, quick: 640)
        // Until both write at the rate at which they store, and full-page images, which are logged once after a
        // checkpoint, are over; otherwise the start would be measured.
        for load in [toFull, toEmpty] { _ = try load.rate(messages: plan.pick(60_000, quick: 3200)) }
        func measure(_ database: StoredMail, _ load: IngestLoad) throws -> (rate: Double, log: Double) {
            let before = try database.logPosition()
            let rate = try load.rate(messages: messages)
            return (rate, (try database.logPosition() - before) / Double(messages))
        }
        let results = try interleaved(
            plan.rounds(9, quick: 3),
            [
                { try measure(full, toFull) }, { try measure(empty, toEmpty) },
            ])
        return [
            Line(
                name, "\(stored) stored: storing 10 KB through lever.ingest", Samples(results[0].map(\.rate)), "1/s",
                against: ("begun empty", Samples(results[1].map(\.rate))), target: .ratioAtLeast(0.9),
                point: point("stored through lever.ingest", stored)),
            Line(
                name, "\(stored) stored: write-ahead log for each", Samples(results[0].map(\.log)), "bytes",
                against: ("begun empty", Samples(results[1].map(\.log))),
                point: point("write-ahead log of each", stored)),
        ]
    }

    /// A database on the same server with the same companies and candidates, without messages.
    private static func emptyDatabase(_ site: Site) throws -> StoredMail {
        try site.postgres.createDatabase("empty")
        let conninfo = site.postgres.connectionString(database: "empty")
        try LeverCtl(configuration: site.directory.write("empty.yaml", "admin_database: \(conninfo)\n")).check(
            "init-db")
        return try StoredMail(in: site.postgres, database: "empty", busyMessages: 0)
    }

    /// Bytes of a stored message without its parts, with indexes.
    private static func size(_ full: StoredMail) throws -> Line {
        let bytes = try full.query(
            """
            SELECT sum(pg_total_relation_size(inhrelid))::float / (SELECT count(*) FROM lever.message)
                + (pg_total_relation_size('lever.message_dedupe') + pg_total_relation_size('lever.delivery'))::float
                / (SELECT count(*) FROM lever.message)
            FROM pg_inherits WHERE inhparent IN ('lever.message'::regclass, 'lever.message_key'::regclass)
            """)
        return Line(name, "a stored message without its parts", Samples([Double(bytes)!]), "bytes")
    }
}

/// Messages of 10 KB sent to `lever.ingest` as by the daemon, without a spool.
final class IngestLoad {
    private let connection: IngestSession
    private let threads: [(CompanyID, ThreadID)]
    private let tail = [UInt8](unsafeUninitializedCapacity: 10_000) { buffer, count in
        for index in buffer.indices { buffer[index] = .random(in: 0...255) }
        count = buffer.count
    }

    init(_ conninfo: String, threads: [(CompanyID, ThreadID)]) throws {
        connection = try IngestSession(conninfo)
        self.threads = threads
    }

    /// Messages a second, of companies and candidates at random.
    func rate(messages: Int) throws -> Double {
        let entries = (0..<messages).map { _ in entry() }
        let start = now()
        for first in stride(from: 0, to: messages, by: SpoolLoad.batch) {
            let batch = entries[first..<min(first + SpoolLoad.batch, messages)]
            if let other = try connection.ingest(Array(batch)).first(where: { $0 != .captured }) {
                throw HarnessError("a message was not stored: \(other)")
            }
        }
        return Double(messages) / (now() - start)
    }

    private func entry() -> IngestEntry {
        let (company, thread) = threads.randomElement()!
        let (time, tail) = (Timestamp.now(), tail)
        var record = MessageRecord(
            company: company, thread: thread, entry: .make(at: time), acceptedAt: time, host: "mx1",
            queueID: "4\(UInt32.random(in: 0...UInt32.max))")
        record.direction = .inbound
        record.size = tail.count - 17
        record.matched = .inReplyTo
        record.spooledAt = time
        record.indexVersion = 1
        record.messageIDIndex = .random(16)
        record.senderIndex = .random(16)
        record.recipientIndices = [.random(16)]
        record.dedupeKeys = [.random(32)]
        record.sealingKeyIDs = [.random(20)]
        record.origin = OriginSignature(keyID: .random(20), signature: .random(64))
        return IngestEntry(
            record,
            .content(
                IngestEntry.Content(head: .random(340), tailLength: tail.count, readTail: { Array(tail[$0]) })))
    }
}

extension [UInt8] {
    fileprivate static func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255) } }
}
