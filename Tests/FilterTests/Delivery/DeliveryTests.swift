import Capture
import Core
import Glibc
import Inspection
import Observability
import Sealing
import Spool
import Store
import System
import Testing
import TestSupport

@testable import Delivery
@testable import Filter

/// The delivery thread between a real spool and a real PostgreSQL.
///
/// Over 250 lines, with the fixture that the suites of its extensions share.
@Suite(.serialized) struct DeliveryTests {
    private static let postgres = Result { try PostgresInstance() }

    /// A database of one test with a company and a thread, and a filter whose spool is delivered to it.
    final class Fixture {
        let filter: FilterFixture
        let postgres: PostgresInstance
        let database = "test_\(UInt64.random(in: 0...UInt64.max))"
        let company: CompanyID
        let thread = ThreadID.random()
        private let makeDelivery: () -> DeliveryThread
        private var delivery: DeliveryThread
        private let running = WaitGroup()

        /// Times in seconds.
        init(
            retry: ClosedRange<Int> = 1...1, databaseTimeout: Int = 90, pollInterval: Int = 3600,
            done: Spool.DeliveredLimit = Spool.DeliveredLimit(age: 3600, bytes: 1 << 30), spoolSize: Int? = nil,
            connectTimeout: Int = 10, user: String = "postgres"
        ) throws {
            postgres = try DeliveryTests.postgres.get()
            try postgres.createDatabase(database)
            let superuser = postgres.connectionString(database: database)
            let conninfo =
                postgres.connectionString(database: database, user: user) + " connect_timeout=\(connectTimeout)"
            let filter = try FilterFixture(spoolSize: spoolSize)
            let options = DeliveryOptions(
                host: "mx1.example", database: conninfo, databaseTimeout: databaseTimeout, batchLimit: 10,
                pollInterval: pollInterval, retry: retry, deliveredLimit: done)
            self.filter = filter
            _ = try Schema.install(superuser)
            if user != "postgres" { try postgres.query("CREATE ROLE \(user) LOGIN IN ROLE lever_ingest") }
            let administration = try OwnerSession(superuser)
            company = try administration.addCompany(
                name: "Acme", provider: .google, sync: .limited, domains: ["acme.example"],
                markerKey: FilterFixture.markerKeyBytes, indexKey: FilterFixture.indexKey.key
            ).id
            try administration.addSealingKey(
                filter.privateKey.subjectPublicKeyInfo, keyID: filter.privateKey.keyID, to: company)
            try Self.startThread(thread, of: company, administration)
            let shared = filter.context
            let context = DeliveryContext(
                options: Snapshot(options), routing: filter.routing, spool: filter.spool,
                dispositions: shared.dispositions, log: shared.log, metrics: shared.metrics)
            makeDelivery = {
                DeliveryThread(
                    context: context,
                    learned: LearnedThreadsUpdater(learned: shared.learned, spool: shared.spool, log: shared.log))
            }
            delivery = makeDelivery()
        }

        @discardableResult
        static func startThread(
            _ thread: ThreadID, of company: CompanyID, _ administration: OwnerSession,
            emailIndex: [UInt8] = Array(repeating: 3, count: 16)
        ) throws -> CandidateID {
            let candidate = try administration.reserveCandidateID(of: company)
            let now = Timestamp.now()
            try administration.addCandidate(
                SealedMessage(head: [1], tail: [2]),
                binding: Binding(
                    content: .profile, company: company, subject: candidate.rawValue, entry: .make(at: now), time: now),
                emailIndex: emailIndex, indexVersion: 1)
            try administration.startThread(thread, candidate: candidate, company: company, markerVersion: 1)
            return candidate
        }

        /// Another company, with a candidate and a thread.
        func addCompany(
            _ name: String, emailIndex: [UInt8] = Array(repeating: 4, count: 16)
        ) throws -> (id: CompanyID, thread: ThreadID) {
            let administration = try OwnerSession(postgres.connectionString(database: database))
            let added = try administration.addCompany(
                name: name, provider: .google, sync: .limited, domains: ["\(name.lowercased()).example"],
                markerKey: FilterFixture.markerKeyBytes, indexKey: FilterFixture.indexKey.key
            ).id
            try administration.addSealingKey(
                filter.privateKey.subjectPublicKeyInfo, keyID: filter.privateKey.keyID, to: added)
            let thread = ThreadID.random()
            try Self.startThread(thread, of: added, administration, emailIndex: emailIndex)
            return (added, thread)
        }

        func start() throws {
            running.enter()
            try PosixThread.start { [delivery, running] in
                delivery.run()
                running.leave()
            }
        }

        /// Ends the delivery thread; `start` begins anew, with what is on disk.
        func stop() {
            delivery.stop()
            _ = running.wait(seconds: 60)
            delivery = makeDelivery()
        }

        deinit { stop() }

        /// Puts a message in the spool. Returns its entry.
        @discardableResult
        func spool(
            _ number: UInt8, thread: ThreadID? = nil, queueID: String = "4Queue1", of company: CompanyID? = nil,
            dedupeKey: [UInt8]? = nil, learnedIDs: [[UInt8]] = []
        ) throws -> EntryID {
            let entry = EntryID.make(at: .now())
            var record = MessageRecord(
                company: company ?? self.company, thread: thread ?? self.thread, entry: entry, acceptedAt: .now(), host: "mx1.example",
                queueID: queueID)
            record.direction = .inbound
            record.matched = .references
            record.indexVersion = 1
            record.learnedIDs = learnedIDs
            record.sealingKeyIDs = [Array(repeating: 4, count: 20)]
            var writer = try filter.spool.begin(record, dedupeKeys: 1, isSigned: false)
            try writer.append(Array(repeating: number, count: 100))
            record.dedupeKeys = [dedupeKey ?? Array(repeating: number, count: 32)]
            (record.size, record.spooledAt) = (50, .now())
            try writer.commit(head: [number]) { _ in record }
            return entry
        }

        func stored() throws -> [String] {
            try query("SELECT entry_id FROM lever.message ORDER BY entry_id")
        }

        func query(_ sql: String) throws -> [String] {
            try postgres.query(sql, database: database).split(separator: "\n").map(String.init)
        }

        func quarantined() throws -> [SpoolListing.Item] {
            try SpoolListing(directory: filter.spool.directory).quarantined
        }

        func waitUntilDelivered() async throws {
            try await waitUntil("the spool is empty") { try filter.spool.waiting().isEmpty }
        }
    }

    @Test func `what waits is stored and removed, and its line says captured`() async throws {
        let fixture = try Fixture()
        let entries = try (1...25).map { try fixture.spool($0) }
        try fixture.start()
        try await fixture.waitUntilDelivered()
        #expect(try fixture.stored() == entries.map(\.description).sorted())
        try await waitUntil("every line is logged") { fixture.filter.lines.final.count == 25 }
        #expect(fixture.filter.lines.final.allSatisfy { $0.hasPrefix("4Queue1: outcome=captured company=") })
        #expect(try fixture.quarantined().isEmpty)
    }

    @Test func `what it does and how long that takes is measured, and it says by when a step is over`() async throws {
        let fixture = try Fixture(pollInterval: 30)
        let metrics = fixture.filter.context.metrics
        #expect(metrics.progress.overdue(at: 1e12) == nil, "not begun")
        try fixture.spool(1)
        try fixture.start()
        try await waitUntil("it is counted") {
            metrics.ends[FilterMetrics.MessageEnd(outcome: .captured, direction: .inbound)] == 1
        }
        #expect(metrics.isDatabaseUp && metrics.deliveryBatches.snapshot.count == 1)
        #expect(metrics.routingAge < 60)
        // It waits now, for a known time.
        try await waitUntil("it waits") { metrics.progress.overdue(at: MonotonicClock.seconds + 100) != nil }
        #expect(metrics.progress.overdue() == nil)
        try fixture.postgres.stop()
        defer { try? fixture.postgres.start() }
        try await waitUntil("the database is down") { !metrics.isDatabaseUp && metrics.databaseLosses.value > 0 }
    }

    @Test func `a message that comes while it runs is delivered at once`() async throws {
        let fixture = try Fixture()
        try fixture.start()
        for number in 1...3 as ClosedRange<UInt8> {
            try fixture.spool(number)
            try await fixture.waitUntilDelivered()
        }
        #expect(try fixture.stored().count == 3)
    }

    @Test func `one that the database refuses for good goes to quarantine and does not block the rest`() async throws {
        let fixture = try Fixture()
        try fixture.spool(1)
        let refused = try fixture.spool(2, queueID: String(repeating: "Q", count: 300))
        try fixture.spool(3)
        try fixture.start()
        try await fixture.waitUntilDelivered()
        #expect(try fixture.stored().count == 2)
        #expect(try fixture.quarantined().map(\.name) == [refused.description])
        #expect(try fixture.quarantined()[0].reason?.contains("ingest_rejected: database: ") == true)
        try await waitUntil("every line is logged") { fixture.filter.lines.final.count == 3 }
        #expect(fixture.filter.lines.final.filter { $0.contains("outcome=ingest_rejected") }.count == 1)
    }

    @Test func `a message of a thread that the database does not know is kept in quarantine`() async throws {
        let fixture = try Fixture()
        let entry = try fixture.spool(1, thread: .random())
        try fixture.start()
        try await fixture.waitUntilDelivered()
        #expect(try fixture.quarantined().map(\.name) == [entry.description])
        #expect(try fixture.quarantined()[0].reason?.contains("unknown_thread") == true)
        #expect(try fixture.query("SELECT outcome FROM lever.delivery") == ["unknown_thread"])
    }

    @Test func `the same mail twice is stored once, and the second line says duplicate`() async throws {
        let fixture = try Fixture()
        try fixture.spool(1)
        try fixture.spool(1)
        try fixture.start()
        try await fixture.waitUntilDelivered()
        #expect(try fixture.stored().count == 1)
        try await waitUntil("every line is logged") { fixture.filter.lines.final.count == 2 }
        #expect(fixture.filter.lines.final.filter { $0.contains("outcome=duplicate") }.count == 1)
    }

    @Test func `a file damaged under the running daemon goes to quarantine and does not block the rest`() async throws {
        let fixture = try Fixture()
        let damaged = try fixture.spool(1)
        try fixture.spool(2)
        #expect(truncate("\(fixture.filter.spool.directory)/new/\(damaged)", 60) == 0)
        try fixture.start()
        try await fixture.waitUntilDelivered()
        #expect(try fixture.stored().count == 1)
        #expect(try fixture.quarantined().map(\.name) == [damaged.description])
    }

    @Test func `reports of messages that were not captured become rows`() async throws {
        let fixture = try Fixture()
        let marker = try Marker.issue(
            company: fixture.company, thread: fixture.thread, domain: FilterFixture.domains[0], keyID: 1,
            key: FilterFixture.markerKey)
        let index = BlindIndex(version: 1, bytes: Array(repeating: 5, count: 16))
        fixture.filter.context.finish(
            Disposition(
                .tooLarge, queueID: "4Big", found: ThreadReference(MarkerOccurrence(marker, in: .messageID)),
                direction: .inbound, size: 99,
                messageIDIndex: index))
        fixture.filter.context.finish(Disposition(.spoolFailed, queueID: "4None", found: nil))
        try fixture.start()
        try await waitUntil("the row is there") {
            try fixture.query(
                """
                SELECT queue_id, outcome, size, matched, encode(message_id_index, 'hex'), index_version, spooled_at IS NULL
                FROM lever.delivery
                """) == ["4Big|too_large|99|message_id|\(index.bytes.hex)|1|t"]
        }
    }

    @Test func `with the database away messages wait, and an operator's flush ends the wait`() async throws {
        // The first try waits for half an hour or more: only the flush can be what delivers.
        let fixture = try Fixture(retry: 3600...3600)
        try fixture.postgres.stop()
        try fixture.spool(1)
        try fixture.start()
        try await waitUntil("the loss is logged") {
            fixture.filter.lines.all.contains { $0.contains("database unavailable") }
        }
        #expect(try fixture.filter.spool.waiting().count == 1)
        try fixture.postgres.start()
        #expect(try SpoolListing.requestDelivery(directory: fixture.filter.spool.directory))
        try await fixture.waitUntilDelivered()
        #expect(try fixture.stored().count == 1)
    }

    @Test func `routing follows the database`() async throws {
        let fixture = try Fixture()
        try fixture.start()
        try await waitUntil("the company is known") {
            fixture.filter.context.routing.current.company(domain: "acme.example")?.id == fixture.company
        }
        _ = try fixture.query("INSERT INTO lever.company_domain VALUES (\(fixture.company), 'acme.test')")
        try await waitUntil("the new domain is known") {
            fixture.filter.context.routing.current.company(domain: "acme.test") != nil
        }
    }
}
