import Core
import Glibc
import Spool
import Store
import TestSupport
import Testing

@testable import Filter

/// Delivered messages are kept for a while, and a database that lost them gets them again.
///
/// Over 250 lines: every way in which a database can lose messages, on one fixture.
extension DeliveryTests {
    @Suite struct Redelivery {
        private let forAWhile = Spool.DeliveredLimit(age: 3600, bytes: 1 << 30)

        private func names(_ area: Spool.Area, _ fixture: Fixture) throws -> [String] {
            try fixture.filter.spool.waiting(in: area)
        }

        /// Delivers so many, and waits for all of it.
        private func deliver(_ numbers: ClosedRange<UInt8>, _ fixture: Fixture) async throws -> [String] {
            let entries = try numbers.map { try fixture.spool($0).description }
            try await waitUntil("every line is logged") {
                entries.allSatisfy { entry in fixture.filter.lines.final.contains { $0.contains("entry=\(entry)") } }
            }
            return entries.sorted()
        }

        /// Puts the database back to what it was, as a backup that is restored does.
        private func restore(_ fixture: Fixture) throws {
            try fixture.postgres.query(
                """
                DROP DATABASE \(fixture.database) WITH (FORCE);
                CREATE DATABASE \(fixture.database) TEMPLATE \(fixture.database)_backup
                """)
        }

        private func backUp(_ fixture: Fixture) throws {
            try fixture.postgres.query("CREATE DATABASE \(fixture.database)_backup TEMPLATE \(fixture.database)")
        }

        @Test func `what is delivered is kept, and a restart does not bring it again`() async throws {
            let fixture = try Fixture()
            try fixture.start()
            let entries = try await deliver(1...12, fixture)
            #expect(try names(.delivered, fixture) == entries)
            fixture.stop()
            try fixture.start()
            _ = try await deliver(13...13, fixture)
            #expect(try names(.delivered, fixture).count == 13)
            #expect(!fixture.filter.lines.all.contains { $0.contains("replaced") })
            #expect(fixture.filter.lines.final.count == 13)
        }

        @Test func `where nothing is to be kept, nothing is`() async throws {
            let fixture = try Fixture(done: Spool.DeliveredLimit(age: 0, bytes: 1 << 30))
            try fixture.start()
            _ = try await deliver(1...3, fixture)
            #expect(try names(.delivered, fixture) == [])
        }

        @Test(arguments: [true, false])
        func `a restored database gets again what it lost, without a second end of the story`(
            isRunning: Bool
        ) async throws {
            let fixture = try Fixture()
            try backUp(fixture)
            try fixture.start()
            let entries = try await deliver(1...25, fixture)
            if !isRunning { fixture.stop() }
            try restore(fixture)
            #expect(try fixture.stored().isEmpty)
            if isRunning {
                // It hears of it with the next message.
                _ = try await deliver(26...26, fixture)
            } else {
                try fixture.start()
            }
            try await waitUntil("everything is stored again") { try Set(fixture.stored()).isSuperset(of: entries) }
            try await waitUntil("the end is logged") {
                fixture.filter.lines.all.contains {
                    $0.contains("redelivered after the database was replaced messages=25")
                }
            }
            #expect(fixture.filter.lines.all.filter { $0.contains("replaced, 25 delivered messages") }.count == 1)
            #expect(fixture.filter.lines.final.count == (isRunning ? 26 : 25))
            #expect(try names(.redeliver, fixture) == [])
            #expect(try Set(names(.delivered, fixture)).isSuperset(of: entries))
            // Known now.
            fixture.stop()
            try fixture.start()
            _ = try await deliver(27...27, fixture)
            #expect(fixture.filter.lines.all.filter { $0.contains("was replaced, ") }.count == 1)
        }

        enum Crash: CaseIterable { case beforeTheFirst, betweenTwo, beforeItIsWrittenDown, after, afterItIsStored }

        @Test(arguments: Crash.allCases)
        func `a crash anywhere on the way brings everything all the same`(_ crash: Crash) async throws {
            let fixture = try Fixture()
            try backUp(fixture)
            try fixture.start()
            let entries = try await deliver(1...8, fixture)
            fixture.stop()
            let spool = fixture.filter.spool.directory
            let old = try contents(of: "\(spool)/history")
            try restore(fixture)
            func move(_ names: some Sequence<String>) {
                for name in names { #expect(rename("\(spool)/delivered/\(name)", "\(spool)/redeliver/\(name)") == 0) }
            }
            switch crash {
            case .beforeTheFirst: break
            case .betweenTwo: move(entries.prefix(3))
            case .beforeItIsWrittenDown: move(entries)
            case .after, .afterItIsStored:
                try fixture.start()
                try await waitUntil("everything is stored") { try fixture.stored() == entries }
                try await waitUntil("the end is logged") {
                    fixture.filter.lines.all.contains { $0.contains("messages=8") }
                }
                fixture.stop()
                if crash == .after { _ = try fixture.query("DELETE FROM lever.message") }
                move(entries)
                if crash == .afterItIsStored { try fixture.filter.directory.write("spool/history", old) }
            }
            try fixture.start()
            try await waitUntil("everything is stored") { try fixture.stored() == entries }
            try await waitUntil("everything is done") { try names(.delivered, fixture) == entries }
            #expect(try names(.redeliver, fixture) == [])
            #expect(fixture.filter.lines.final.count == 8)
            #expect(try fixture.quarantined().isEmpty)
        }

        @Test func `a history that cannot be read brings everything again`() async throws {
            let fixture = try Fixture()
            try fixture.start()
            let entries = try await deliver(1...3, fixture)
            fixture.stop()
            try fixture.filter.directory.write("spool/history", "LVHIST1 1 2")
            try fixture.start()
            try await waitUntil("the end is logged") {
                fixture.filter.lines.all.contains { $0.contains("messages=3") }
            }
            #expect(try fixture.stored() == entries)
            #expect(fixture.filter.lines.all.contains { $0.contains("before unknown") })
        }

        @Test func `a message whose thread the restored database does not know ends once more, in quarantine`()
            async throws
        {
            let fixture = try Fixture()
            try backUp(fixture)
            try fixture.start()
            let entries = try await deliver(1...2, fixture)
            fixture.stop()
            try restore(fixture)
            _ = try fixture.query("UPDATE lever.thread SET thread_id = 1")
            try fixture.start()
            try await waitUntil("both are in quarantine") { try fixture.quarantined().map(\.name) == entries }
            try await waitUntil("both have a new end") { fixture.filter.lines.final.count == 4 }
            #expect(fixture.filter.lines.final.suffix(2).allSatisfy { $0.contains("outcome=unknown_thread") })
        }

        @Test func `a file damaged since its delivery is not brought again`() async throws {
            let fixture = try Fixture()
            try backUp(fixture)
            try fixture.start()
            let entries = try await deliver(1...3, fixture)
            fixture.stop()
            try restore(fixture)
            let path = "\(fixture.filter.spool.directory)/delivered/\(entries[0])"
            var bytes = try contents(of: path)
            bytes[bytes.count - 100] ^= 1  // In the tail, where the digest alone can tell.
            try fixture.filter.directory.write("spool/delivered/\(entries[0])", bytes)
            try fixture.start()
            try await waitUntil("the others are stored") { try fixture.stored() == Array(entries.dropFirst()) }
            try await waitUntil("it is in quarantine") { try fixture.quarantined().map(\.name) == [entries[0]] }
            #expect(try fixture.quarantined()[0].reason?.contains("damaged: the digest does not match") == true)
        }

        @Test func `what was erased since is not kept, and not brought again`() async throws {
            let fixture = try Fixture(pollInterval: 1)
            try backUp(fixture)
            try fixture.start()
            let entries = try await deliver(1...3, fixture)
            _ = try fixture.query("UPDATE lever.message SET removed_at = now() WHERE entry_id = '\(entries[0])'")
            try await waitUntil("it is gone") { try names(.delivered, fixture) == Array(entries.dropFirst()) }
            try await waitUntil("that is logged") {
                fixture.filter.lines.all.contains {
                    $0.contains("erased ") && $0.contains("removed=delivered/\(entries[0])")
                }
            }
            // Erased while it is on its way.
            fixture.stop()
            #expect(
                rename(
                    "\(fixture.filter.spool.directory)/delivered/\(entries[1])",
                    "\(fixture.filter.spool.directory)/redeliver/\(entries[1])") == 0)
            _ = try fixture.query("UPDATE lever.thread SET erased_at = now()")
            try fixture.start()
            try await waitUntil("all are gone") { try names(.delivered, fixture) + names(.redeliver, fixture) == [] }
            try await waitUntil("that is logged") {
                fixture.filter.lines.all.contains { $0.contains("removed=redeliver/\(entries[1])") }
            }
            #expect(fixture.filter.lines.final.count == 3)
        }

        @Test func `nothing gets too old while the database is away, since it may come back without it`() async throws {
            let fixture = try Fixture(done: Spool.DeliveredLimit(age: 10, bytes: 1 << 30))
            try fixture.start()
            let entries = try await deliver(1...2, fixture)
            fixture.stop()
            try fixture.postgres.stop()
            let old = timespec(tv_sec: 1, tv_nsec: 0)
            for entry in entries {
                #expect(
                    utimensat(AT_FDCWD, "\(fixture.filter.spool.directory)/delivered/\(entry)", [old, old], 0) == 0)
            }
            try fixture.start()
            for _ in 1...3 {
                let tries = fixture.filter.lines.all.filter { $0.contains("database unavailable") }.count
                try await waitUntil("another try") {
                    fixture.filter.lines.all.filter { $0.contains("database unavailable") }.count > tries
                }
            }
            #expect(try names(.delivered, fixture) == entries)
            try fixture.postgres.start()
            try await waitUntil("both are given up") { try names(.delivered, fixture) == [] }
        }

        @Test(arguments: [true, false])
        func `on a full disk it gives way to new mail, whether the database is there or not`(
            isReachable: Bool
        ) async throws {
            let fixture = try Fixture(spoolSize: 2048)
            try fixture.start()
            _ = try await deliver(1...20, fixture)
            if !isReachable { try fixture.postgres.stop() }
            defer { try? fixture.postgres.start() }
            // Others take all the rest of the disk.
            let filler = open("\(fixture.filter.spool.directory)/filler", O_WRONLY | O_CREAT, 0o600)
            defer { close(filler) }
            let page = [UInt8](repeating: 1, count: 4096)
            let marked = [("In-Reply-To", FilterFixture.marker())]
            let session = FilterSession(context: fixture.filter.context)
            // What is kept shrinks with what is free, so the first message may still find a place.
            try await waitUntil("a message finds the disk full") {
                while write(filler, page, page.count) > 0 {}
                #expect(errno == ENOSPC)
                do {
                    _ = try fixture.filter.send(session, header: marked)
                    return false
                } catch let error as SpoolError {
                    #expect(session.failed(error).status == "4.7.1")
                    return true
                }
            }
            try await waitUntil("there is room") { try names(.delivered, fixture) == [] }
            try await waitUntil("that is logged") {
                fixture.filter.lines.all.contains { $0.contains("the spool's disk is full; removed files=") }
            }
            #expect(
                try fixture.filter.send(FilterSession(context: fixture.filter.context), header: marked) == .wentThrough)
        }

        @Test func `it takes no more than its bytes`() async throws {
            let fixture = try Fixture(done: Spool.DeliveredLimit(age: 3600, bytes: 40_960))
            try fixture.start()
            _ = try await deliver(1...60, fixture)
            try await waitUntil("the rest is given up") { try names(.delivered, fixture).count <= 20 }
            #expect(try !names(.delivered, fixture).isEmpty)
        }
    }
}
