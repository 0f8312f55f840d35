import Core
import Glibc
import Spool
import Testing
import TestSupport

@testable import Store

/// A database that is there and does not do what it should: what comes waits in the spool, and is stored once when the
/// database does again.
extension DeliveryTests {
    @Suite struct DatabaseFaults {
        private func backends(_ fixture: Fixture) throws -> [Int32] {
            try fixture.query(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'lever-milter' AND datname = current_database()"
            ).compactMap { Int32($0) }
        }

        private func waitForLine(_ text: String, _ fixture: Fixture) async throws {
            try await waitUntil("a line with '\(text)'") { fixture.filter.lines.all.contains { $0.contains(text) } }
        }

        /// Each is stored once and has one end.
        private func expectOnce(_ entries: [EntryID], _ fixture: Fixture) async throws {
            try await fixture.waitUntilDelivered()
            #expect(try fixture.stored() == entries.map(\.description).sorted())
            try await waitUntil("every line is logged") { fixture.filter.lines.final.count >= entries.count }
            #expect(fixture.filter.lines.final.count == entries.count)
            #expect(fixture.filter.lines.final.allSatisfy { $0.contains("outcome=captured") })
            #expect(try fixture.quarantined().isEmpty)
        }

        @Test func `a server process that hangs is left behind after the time-out`() async throws {
            let fixture = try Fixture(databaseTimeout: 2)
            try fixture.start()
            var entries = [try fixture.spool(1)]
            try await fixture.waitUntilDelivered()
            let hanging = try #require(try backends(fixture).first)
            try fixture.postgres.send(SIGSTOP, to: hanging)
            defer { try? fixture.postgres.send(SIGCONT, to: hanging) }
            entries += try (2...30).map { try fixture.spool($0) }
            try await waitForLine("no answer within 2 s", fixture)
            try await expectOnce(entries, fixture)
        }

        @Test func `one that hangs in a transaction holds up its own messages until it goes on or ends`() async throws {
            let fixture = try Fixture(databaseTimeout: 2)
            // The transaction that brings a message takes this lock, and hangs there with all that it locked before.
            _ = try fixture.query(
                """
                CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$;
                CREATE TRIGGER wait BEFORE INSERT ON lever.message_key FOR EACH ROW EXECUTE FUNCTION wait();
                """)
            let holder = try Connection(
                conninfo: fixture.postgres.connectionString(database: fixture.database), application: "holder")
            try holder.execute("SELECT pg_advisory_lock(1)")
            try fixture.start()
            let first = try fixture.spool(1)
            let waiting =
                "SELECT pid FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"
            let hanging = try await waitFor("it to wait") { try fixture.query(waiting).first.flatMap { Int32($0) } }
            try fixture.postgres.send(SIGSTOP, to: hanging)
            defer { try? fixture.postgres.send(SIGCONT, to: hanging) }
            try holder.execute("SELECT pg_advisory_unlock(1)")
            try await waitForLine("no answer within 2 s", fixture)
            try await waitForLine("lock timeout", fixture)
            #expect(try fixture.filter.spool.waiting() == [first.description])
            // It finds its client gone.
            try fixture.postgres.send(SIGCONT, to: hanging)
            try await expectOnce([first], fixture)
        }

        @Test func `a server that hangs as a whole, new connections included`() async throws {
            let fixture = try Fixture(databaseTimeout: 2, connectTimeout: 2)
            try fixture.start()
            var entries = [try fixture.spool(1)]
            try await fixture.waitUntilDelivered()
            try fixture.postgres.suspend()
            defer { try? fixture.postgres.resume() }
            entries.append(try fixture.spool(2))
            try await waitForLine("no answer within 2 s", fixture)
            try await waitForLine("no connection (", fixture)
            try await waitForLine("timeout expired", fixture)
            try fixture.postgres.resume()
            try await expectOnce(entries, fixture)
        }

        @Test func `server processes are ended again and again while they store`() async throws {
            let fixture = try Fixture()
            let entries = try (0...250).map { try fixture.spool($0) }
            try fixture.start()
            var ended = 0
            while try !fixture.filter.spool.waiting().isEmpty, ended < 5 {
                ended += try fixture.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name = 'lever-milter' AND datname = current_database()
                        AND (SELECT count(*) FROM lever.delivery) >= \(ended * 10)
                    """
                ).count
            }
            #expect(ended > 0)
            try await expectOnce(entries, fixture)
            try await waitForLine("database unavailable", fixture)
        }

        @Test func `a table that is locked for long is waited for`() async throws {
            let fixture = try Fixture(databaseTimeout: 3)
            let holder = try Connection(
                conninfo: fixture.postgres.connectionString(database: fixture.database), application: "holder")
            try holder.execute("BEGIN; LOCK TABLE lever.message")
            try fixture.start()
            let entries = try (1...3).map { try fixture.spool($0) }
            try await waitForLine("lock timeout", fixture)
            #expect(try fixture.filter.spool.waiting().count == 3)
            try holder.execute("COMMIT")
            try await expectOnce(entries, fixture)
        }

        @Test func `a database that is read-only takes nothing, and is found again when it takes writes`() async throws
        {
            let fixture = try Fixture()
            try fixture.start()
            var entries = [try fixture.spool(1)]
            try await fixture.waitUntilDelivered()
            // For the session that is there as well: its next transaction.
            _ = try fixture.query("ALTER DATABASE \(fixture.database) SET default_transaction_read_only = on")
            for pid in try backends(fixture) { _ = try fixture.query("SELECT pg_terminate_backend(\(pid))") }
            entries.append(try fixture.spool(2))
            try await waitForLine("session is read-only", fixture)
            #expect(try fixture.filter.spool.waiting().count == 1)
            // A new database is what this session would see: writes must be allowed for it to change that.
            _ = try fixture.query(
                "SET default_transaction_read_only = off; ALTER DATABASE \(fixture.database) RESET default_transaction_read_only"
            )
            try await expectOnce(entries, fixture)
        }

        @Test(arguments: [true, false])
        func `a schema of another version is told with the side to update, and no restart is needed after`(
            isNewer: Bool
        ) async throws {
            let login = "mx_\(UInt64.random(in: 0...UInt64.max))"
            let fixture = try Fixture(pollInterval: 1, user: login)
            // As it was before an upgrade, and as it is after one.
            let change =
                isNewer
                ? "INSERT INTO lever.schema_version (version, name) VALUES (99, 'later')"
                : """
                CREATE TABLE public.saved AS SELECT * FROM lever.schema_version;
                DELETE FROM lever.schema_version
                """
            let changeBack =
                isNewer
                ? "DELETE FROM lever.schema_version WHERE version = 99"
                : "INSERT INTO lever.schema_version SELECT * FROM public.saved"
            try fixture.start()
            var entries = [try fixture.spool(1)]
            try await fixture.waitUntilDelivered()
            _ = try fixture.query(change)
            try await waitForLine(
                isNewer
                    ? "version 99, newer than this lever-milter's \(Schema.version); install the newer lever-milter"
                    : "its schema is version 0, and this lever-milter needs \(Schema.version); run leverctl init-db",
                fixture)
            entries.append(try fixture.spool(2))
            let tries = fixture.filter.lines.all.count
            try await waitUntil("another try") { fixture.filter.lines.all.count > tries }
            #expect(try fixture.filter.spool.waiting().count == 1)
            _ = try fixture.query(changeBack)
            try await expectOnce(entries, fixture)
        }
    }
}
