import Capture
import Core
import Inspection
import Foundation
import Spool
import Synchronization
import TestSupport
import Testing

@testable import Filter
@testable import Store

/// One company's locks and backlog beside another company's mail.
extension DeliveryTests {
    @Suite struct Tenants {
        /// What a transaction of one company holds.
        enum Lock: String, CaseIterable {
            case candidate = "SELECT 1 FROM lever.candidate WHERE company_id = COMPANY FOR UPDATE"
            case thread = "SELECT 1 FROM lever.thread WHERE company_id = COMPANY FOR UPDATE"
            case company = "SELECT 1 FROM lever.company WHERE company_id = COMPANY FOR UPDATE"
            case auditHead = "SELECT 1 FROM lever.audit_head WHERE company_id = COMPANY FOR UPDATE"
            /// As another host's transaction that brings the same mail, and does not end.
            case dedupeKey = """
                INSERT INTO lever.message_dedupe (company_id, dedupe_key, entry_id)
                SELECT COMPANY, decode(repeat(lpad(to_hex(n), 2, '0'), 32), 'hex'), gen_random_uuid()
                FROM generate_series(1, 255) AS n
                """
            /// An account of `lever_owner` that forgets to commit.
            case everyRow = """
                SELECT 1 FROM lever.thread AS t JOIN lever.candidate AS c USING (company_id, candidate_id)
                WHERE company_id = COMPANY FOR UPDATE
                """
        }

        private func held(_ sql: String, _ fixture: Fixture) throws -> Connection {
            let connection = try Connection(
                conninfo: fixture.postgres.connectionString(database: fixture.database), application: "holder")
            try connection.execute("BEGIN; \(sql)")
            return connection
        }

        private func stored(_ company: CompanyID, _ fixture: Fixture) throws -> [String] {
            try fixture.query("SELECT entry_id FROM lever.message WHERE company_id = \(company) ORDER BY entry_id")
        }

        private func waitUntilStored(_ entries: [EntryID], of company: CompanyID, _ fixture: Fixture) async throws {
            try await waitUntil("everything of company \(company) is stored") {
                try stored(company, fixture) == entries.map(\.description).sorted()
            }
        }

        @Test(arguments: Lock.allCases)
        func `a company whose rows are locked for ever does not hold up the mail of another`(
            _ lock: Lock
        ) async throws {
            let fixture = try Fixture()
            let globex = try fixture.addCompany("Globex")
            let holder = try held(lock.rawValue.replacing("COMPANY", with: "\(globex.id)"), fixture)
            // Mixed, so that one batch would have both.
            var (own, others): ([EntryID], [EntryID]) = ([], [])
            for number in 1...30 as ClosedRange<UInt8> {
                others.append(try fixture.spool(number, thread: globex.thread, of: globex.id))
                own.append(try fixture.spool(number))
            }
            try fixture.start()
            try await waitUntilStored(own, of: fixture.company, fixture)
            // What comes later too.
            own.append(try fixture.spool(99))
            try await waitUntilStored(own, of: fixture.company, fixture)
            try holder.execute("ROLLBACK")
            #expect(try SpoolListing.requestDelivery(directory: fixture.filter.spool.directory))
            try await waitUntilStored(others, of: globex.id, fixture)
            try await fixture.waitUntilDelivered()
            try await waitUntil("every line is logged") { fixture.filter.lines.final.count == 61 }
            #expect(fixture.filter.lines.final.allSatisfy { $0.contains("outcome=captured") })
            #expect(try fixture.quarantined().isEmpty)
            #expect(!fixture.filter.lines.all.contains { $0.contains("database unavailable") })
        }

        @Test func `a message that is held up is postponed alone, is told, and waits in the spool`() async throws {
            let fixture = try Fixture()
            let metrics = fixture.filter.context.metrics
            let key = [UInt8](repeating: 7, count: 32)
            let holder = try held(
                """
                INSERT INTO lever.message_dedupe (company_id, dedupe_key, entry_id)
                VALUES (\(fixture.company), '\\x\(key.hex)', gen_random_uuid())
                """, fixture)
            var entries: [EntryID] = []
            var heldUp: EntryID?
            for number in 1...25 as ClosedRange<UInt8> {
                let entry = try fixture.spool(number)
                if number == 7 { heldUp = entry } else { entries.append(entry) }
            }
            try fixture.start()
            try await waitUntilStored(entries, of: fixture.company, fixture)
            try await waitUntil("it is told") { metrics.postponed == (1, 1) }
            #expect(
                fixture.filter.lines.all.contains {
                    $0.hasPrefix("4Queue1: warning: postponed company=")
                        && $0.contains("entry=\(heldUp!) retry_in=1.0s ") && $0.contains("lock timeout")
                })
            #expect(try SpoolListing(directory: fixture.filter.spool.directory).waiting.map(\.name) == ["\(heldUp!)"])
            try holder.execute("ROLLBACK")
            try await waitUntilStored(entries + [heldUp!], of: fixture.company, fixture)
            try await waitUntil("nothing is postponed") { metrics.postponed == (0, 0) }
        }

        @Test func `a record of a message that was not captured waits for no other company`() async throws {
            let fixture = try Fixture()
            let globex = try fixture.addCompany("Globex")
            let entry = EntryID.make(at: .now())
            // A row that another transaction of the company writes, and does not commit.
            _ = try fixture.query("CREATE UNIQUE INDEX ON lever.delivery (company_id, queue_id)")
            let holder = try held(
                """
                INSERT INTO lever.delivery (company_id, entry_id, thread_id, outcome, host, queue_id, accepted_at)
                VALUES (\(globex.id), '\(entry)', 1, 'too_large', 'mx1', '4', now())
                """, fixture)
            func record(_ company: CompanyID, _ thread: ThreadID, _ queueID: String) throws {
                let marker = try Marker.issue(
                    company: company, thread: thread, domain: FilterFixture.domains[0], keyID: 1,
                    key: FilterFixture.markerKey)
                fixture.filter.context.finish(
                    Disposition(
                        .tooLarge, queueID: queueID, found: ThreadReference(MarkerOccurrence(marker, in: .messageID)),
                        direction: .inbound, size: 99))
            }
            try record(globex.id, globex.thread, "4")
            try record(fixture.company, fixture.thread, "5")
            try fixture.start()
            try await waitUntil("the other company's record") {
                try fixture.query("SELECT queue_id FROM lever.delivery WHERE company_id = \(fixture.company)") == ["5"]
            }
            try holder.execute("ROLLBACK")
        }

        @Test func `a company's backlog does not hold up another company's message`() async throws {
            let fixture = try Fixture()
            let globex = try fixture.addCompany("Globex")
            for number in 0..<2000 {
                try fixture.spool(
                    1, thread: globex.thread, of: globex.id,
                    dedupeKey: (0..<32).map { $0 < 2 ? UInt8(truncatingIfNeeded: number >> (8 * $0)) : 1 })
            }
            // The last file of all.
            let entry = try fixture.spool(1)
            try fixture.start()
            try await waitUntil("it is stored") { try stored(fixture.company, fixture) == ["\(entry)"] }
            // Batches are of ten; some go out while the files' companies are read.
            let before = try fixture.query(
                """
                SELECT count(*) FROM lever.message WHERE company_id = \(globex.id) AND stored_at < (
                    SELECT stored_at FROM lever.message WHERE company_id = \(fixture.company))
                """)
            #expect(try #require(before.first.flatMap { Int($0) }) < 500)
            try await fixture.waitUntilDelivered()
            #expect(try stored(globex.id, fixture).count == 2000)
        }

        @Test func `tables that routing is read from and acknowledged in may be locked: mail goes on`() async throws {
            let fixture = try Fixture(pollInterval: 1)
            try fixture.start()
            try fixture.spool(1)
            try await fixture.waitUntilDelivered()
            let holder = try held("LOCK TABLE lever.mail_host, lever.company_secret", fixture)
            try await waitUntil("it is told") {
                fixture.filter.lines.all.contains { $0.contains("warning: held up: reading routing: database: ") }
            }
            try fixture.spool(2)
            try await waitUntil("the message is stored") { try fixture.stored().count == 2 }
            try holder.execute("ROLLBACK")
            #expect(!fixture.filter.lines.all.contains { $0.contains("database unavailable") })
        }

        @Test func `while many logins lock and release their companies' rows, every message is stored once`()
            async throws
        {
            let fixture = try Fixture()
            var companies = [(id: fixture.company, thread: fixture.thread)]
            for name in ["Globex", "Initech", "Umbrella", "Hooli", "Stark"] {
                companies.append(try fixture.addCompany(name))
            }
            let rounds = 40
            let database = fixture.postgres.connectionString(database: fixture.database)
            let done = DispatchGroup()
            let isOver = Ended()
            // The first two companies' logins lock nothing.
            for company in companies.dropFirst(2) {
                done.enter()
                Thread.detachNewThread {
                    do {
                        let user = try Connection(conninfo: database, application: "holder")
                        while !isOver.isSet {
                            let lock = Lock.allCases.randomElement()!
                            do {
                                try user.execute(
                                    "BEGIN; \(lock.rawValue.replacing("COMPANY", with: "\(company.id)"))")
                            } catch is DatabaseError {
                                // Delivery has the row, or stored a message with the key.
                                try user.execute("ROLLBACK")
                                continue
                            }
                            // Held until so many messages more of the others are stored, or the test is over.
                            let wanted = Int.random(in: 1...20)
                            func stored() throws -> Int64 {
                                try user.query(
                                    "SELECT count(*) FROM lever.message WHERE company_id <> \(company.id)"
                                ).single.decode(Int64.self)
                            }
                            let before = try stored()
                            while !isOver.isSet, try stored() < before + Int64(wanted) {}
                            // A key of nobody's message would stay.
                            try user.execute(lock != .dedupeKey && Bool.random() ? "COMMIT" : "ROLLBACK")
                        }
                    } catch {
                        Issue.record("\(error)")
                    }
                    done.leave()
                }
            }
            try fixture.start()
            var entries: [String] = []
            for round in 0..<rounds {
                for (number, company) in companies.enumerated() {
                    let entry = try fixture.spool(
                        1, thread: company.thread, of: company.id,
                        // Some are keys that a lock takes.
                        dedupeKey: Array(repeating: UInt8(round), count: 31) + [UInt8(number)])
                    entries.append("\(entry)")
                }
            }
            for company in companies.prefix(2) {
                try await waitUntil("everything of company \(company.id) is stored") {
                    try stored(company.id, fixture).count == rounds
                }
            }
            isOver.set()
            done.wait()
            #expect(try SpoolListing.requestDelivery(directory: fixture.filter.spool.directory))
            try await fixture.waitUntilDelivered()
            #expect(try fixture.stored() == entries.sorted())
            try await waitUntil("every line is logged") { fixture.filter.lines.final.count == entries.count }
            #expect(fixture.filter.lines.final.allSatisfy { $0.contains("outcome=captured") })
            // Generous: a message of a company that locks nothing waits for a few lock time-outs of others.
            let slowest = try fixture.query(
                """
                SELECT max(extract(epoch FROM stored_at - spooled_at)) < 20 FROM lever.delivery
                WHERE company_id IN (\(companies[0].id), \(companies[1].id))
                """)
            #expect(slowest == ["t"])
        }
    }

    /// Set once, by any thread.
    private final class Ended: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }
}
