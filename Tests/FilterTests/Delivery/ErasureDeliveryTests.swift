import Core
import Foundation
import Glibc
import Spool
import Store
import System
import TestSupport
import Testing

@testable import Delivery
@testable import Filter

/// What is erased in the database goes from the host too.
extension DeliveryTests {
    @Suite struct Erasing {
        private func index(_ number: Int) -> [UInt8] {
            (0..<16).map { UInt8(truncatingIfNeeded: ((number + 1) &* 0x9e37_79b9) >> ($0 * 2)) }
        }

        private func contains(_ path: String, _ bytes: [UInt8]) -> Bool {
            Data((try? contents(of: path)) ?? []).range(of: Data(bytes)) != nil
        }

        @Test func `ids that are erased in the database are forgotten in memory and on disk, and no others`()
            async throws
        {
            let fixture = try Fixture(pollInterval: 1)
            let table = fixture.filter.context.learned.threads
            let copy = "\(fixture.filter.spool.directory)/learned"
            func known(_ number: Int) -> Bool { table[index(number)] == fixture.thread.rawValue }
            func saved(_ number: Int) -> Bool { contains(copy, Array(index(number)[..<8])) }
            let erased = try fixture.spool(1, learnedIDs: [index(1), index(2)])
            try fixture.spool(2, learnedIDs: [index(3)])
            try fixture.start()
            try await waitUntil("the ids are learned and saved") { (1...3).allSatisfy { known($0) && saved($0) } }

            // By whichever way.
            _ = try fixture.query("DELETE FROM lever.message WHERE entry_id = '\(erased)'")
            try await waitUntil("they are forgotten") { !known(1) && !known(2) }
            try await waitUntil("the copy has them no more") { !saved(1) && !saved(2) }
            #expect(known(3) && saved(3))
            // Another message of the thread, and the next start.
            try fixture.spool(4, learnedIDs: [index(4)])
            try await waitUntil("it is learned") { known(4) && saved(4) }
            fixture.stop()
            let started = LearnedThreadsUpdater(
                learned: .init(), spool: fixture.filter.spool, log: fixture.filter.context.log)
            started.load()
            #expect(started.known(index(1)) == nil && started.known(index(3)) == fixture.thread.rawValue)
        }

        @Test func `a known candidate who is anonymized is forgotten, and no other company's of the same number`()
            async throws
        {
            let fixture = try Fixture(pollInterval: 1)
            let copy = "\(fixture.filter.spool.directory)/learned"
            _ = try fixture.addCompany("Globex", emailIndex: Array(repeating: 8, count: 16))
            _ = try fixture.query("UPDATE lever.company SET unsigned_markers = 'known'")
            let table = fixture.filter.context.learned.candidates
            try fixture.start()
            try await waitUntil("the candidates are known") { table.count == 2 }
            let user = try Anonymizer(fixture)
            try user.anonymize(
                fixture.query("SELECT candidate_id FROM lever.candidate WHERE company_id = \(fixture.company)")[0])
            try await waitUntil("the candidate is forgotten") { table[Array(repeating: 3, count: 16)] == nil }
            try await waitUntil("the copy on disk forgets as well") { !contains(copy, Array(repeating: 3, count: 8)) }
            #expect(table[Array(repeating: 8, count: 16)] != nil)
            #expect(contains(copy, Array(repeating: 8, count: 8)))
        }

        /// A super admin's session.
        private final class Anonymizer: @unchecked Sendable {
            // Sendable: one thread uses it.
            private let session: ReaderSession
            private let company: CompanyID

            init(_ fixture: Fixture) throws {
                let login = "admin_\(UInt64.random(in: 0...UInt64.max))"
                let database = fixture.database
                try fixture.postgres.query("CREATE ROLE \(login) LOGIN IN ROLE lever_reader", database: database)
                let now = Timestamp.now()
                try OwnerSession(fixture.postgres.connectionString(database: database)).addUser(
                    login, role: .superAdmin,
                    address: NewAddress(
                        profile: SealedMessage(head: [1], tail: [2]),
                        binding: Binding(
                            content: .profile, company: fixture.company, subject: 0, entry: .make(at: now), time: now),
                        indices: [(version: 1, index: (0..<16).map { _ in .random(in: 0...255) })]),
                    to: fixture.company)
                company = fixture.company
                session = try ReaderSession(fixture.postgres.connectionString(database: database, user: login))
            }

            func anonymize(_ candidate: String) throws {
                try session.anonymize(
                    CandidateID(rawValue: Int64(candidate)!), company: company, reason: "asked for")
            }
        }

        @Test func `candidates who are anonymized while their mail is delivered and redelivered leave nothing`()
            async throws
        {
            let fixture = try Fixture(pollInterval: 1)
            let administration = try OwnerSession(fixture.postgres.connectionString(database: fixture.database))
            let user = try Anonymizer(fixture)
            // One more than are anonymized.
            let candidates = try (0..<101).map { number in
                let thread = ThreadID.random()
                let candidate = try Fixture.startThread(
                    thread, of: fixture.company, administration, emailIndex: index(number + 1000))
                return (id: "\(candidate)", thread: thread, number: number)
            }
            func spool(_ candidate: Int, _ copy: Int) throws {
                try fixture.spool(
                    UInt8(copy), thread: candidates[candidate].thread,
                    dedupeKey: index(candidate) + index(candidate + 10_000 * copy), learnedIDs: [index(candidate)])
            }
            for candidate in candidates { try spool(candidate.number, 1) }
            try fixture.start()
            let done = DispatchGroup()
            done.enter()
            Thread.detachNewThread {
                for candidate in candidates.dropLast() {
                    do { try user.anonymize(candidate.id) } catch { Issue.record("\(error)") }
                }
                done.leave()
            }
            for candidate in candidates {
                try spool(candidate.number, 2)
                // As after a failover.
                if candidate.number.isMultiple(of: 20) { _ = try fixture.filter.spool.redeliverAll() }
            }
            done.wait()
            for candidate in candidates.shuffled() { try spool(candidate.number, 3) }
            try await waitUntil("everything is delivered") {
                try fixture.filter.spool.waiting().isEmpty && fixture.filter.spool.waiting(in: .redeliver).isEmpty
            }
            let left = try fixture.query(
                "SELECT entry_id FROM lever.message WHERE removed_at IS NULL ORDER BY entry_id")
            #expect(left.count == 3)
            for table in ["message_key", "message_part", "message_dedupe"] {
                #expect(try fixture.query("SELECT count(*) FROM lever.\(table)") == ["3"], "\(table)")
            }
            #expect(try fixture.query("SELECT count(*) FROM lever.learned_id") == ["1"])
            try await waitUntil("the host has nothing else") {
                try fixture.filter.spool.waiting(in: .delivered) == left
            }
            try await waitUntil("the host knows no other id") { fixture.filter.context.learned.threads.count == 1 }
            try await waitUntil("nor does its copy on disk") {
                !(0..<100).contains {
                    contains("\(fixture.filter.spool.directory)/learned", Array(index($0)[..<8]))
                }
            }
            #expect(try fixture.quarantined().isEmpty)
        }
    }
}
