import Core
import Foundation
import Glibc
import Spool
import Synchronization
import Testing
import TestSupport

@testable import Store

extension DeliveryTests {
    /// Operators' commands beside the delivery thread.
    @Suite(.serialized) struct Held {
        @Test func `messages that are held and released while they are delivered are stored once, or held`()
            async throws
        {
            let fixture = try Fixture()
            try fixture.start()
            let access = try SpoolAccess(directory: fixture.filter.spool.directory)
            let isOver = Flag()
            let done = DispatchGroup()
            for _ in 0..<2 {
                done.enter()
                Thread.detachNewThread {
                    while !isOver.isSet {
                        do {
                            for place in try access.messages(in: .new) where Bool.random() {
                                _ = try access.hold(place, reason: "test")
                            }
                            for place in try access.messages(in: .quarantine) where Bool.random() {
                                _ = try access.release(place.name)
                            }
                            _ = try SpoolListing.requestDelivery(directory: access.directory)
                        } catch {
                            Issue.record("\(error)")
                        }
                    }
                    done.leave()
                }
            }
            let entries = try (1...250).map { try fixture.spool(UInt8($0)).description }
            try await waitUntil("some to be delivered") { try fixture.stored().count > 100 }
            isOver.set()
            done.wait()
            try await fixture.waitUntilDelivered()
            let held = try access.messages(in: .quarantine).map(\.name)
            let stored = try fixture.stored()
            #expect((held + stored).sorted() == entries.sorted())

            for name in held { #expect(try access.release(name) == .done) }
            _ = try SpoolListing.requestDelivery(directory: access.directory)
            try await fixture.waitUntilDelivered()
            #expect(try fixture.stored() == entries.sorted())
            try await waitUntil("every line is logged") { fixture.filter.lines.final.count == entries.count }
            #expect(Set(fixture.filter.lines.final).count == entries.count)
            #expect(fixture.filter.lines.all.filter { $0.contains("error") || $0.contains("warning") } == [])
        }

        @Test func `a file that is moved by hand while it is delivered is told once`() async throws {
            let fixture = try Fixture()
            let entry = try fixture.spool(1)
            let directory = fixture.filter.spool.directory
            // The database lets the batch wait, and the file is moved meanwhile.
            let holder = try Connection(
                conninfo: fixture.postgres.connectionString(database: fixture.database), application: "holder")
            try holder.execute("BEGIN; LOCK TABLE lever.message_key")
            try fixture.start()
            try await waitUntil("the batch to be under way") {
                try fixture.query(
                    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
                ) == ["1"]
            }
            #expect(rename("\(directory)/new/\(entry)", "\(directory)/quarantine/\(entry)") == 0)
            try holder.execute("COMMIT")
            try await waitUntil("its line") { fixture.filter.lines.final.count == 1 }
            #expect(try fixture.stored() == [entry.description])
            #expect(fixture.filter.lines.all.filter { $0.contains("is no longer in new/") }.count == 1)
            #expect(fixture.filter.lines.all.filter { $0.contains("error") } == [])
        }
    }

    /// Set once, by any thread.
    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }
}
