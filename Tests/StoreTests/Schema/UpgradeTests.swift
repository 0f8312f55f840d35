import Core
import TestSupport
import Testing

@testable import Store

/// There is no release yet, so there are no steps: these are invented.
@Suite struct UpgradeTests {
    /// The schema of this program with a step to it, and the one before that step.
    private struct Versions {
        var old = Schema.files
        var new = Schema.files

        init() throws {
            let column = ",\n    given_up_at timestamptz"
            let index = "CREATE INDEX delivery_stray ON lever.delivery (accepted_at) WHERE is_stray;"
            old.change("tables/routing", column, "")
            old.change(
                "tables/routing", "COMMENT ON COLUMN lever.mail_host.given_up_at",
                "COMMENT ON COLUMN lever.mail_host.seen_at")
            old.change("tables/delivery", index, "")
            // What the old code had, and a policy, a view and functions that depend on what the step changes.
            old.code.append(
                Schema.File(
                    """
                    CREATE FUNCTION lever.shred(company bigint) RETURNS boolean LANGUAGE sql RETURN true;
                    CREATE FUNCTION lever.gone() RETURNS boolean LANGUAGE sql RETURN lever.shred(1);
                    CREATE VIEW lever.hosts AS SELECT host, lever.gone() FROM lever.mail_host;
                    CREATE POLICY gone ON lever.delivery TO lever_reader USING (lever.gone() AND host <> '');
                    CREATE FUNCTION lever.count_host() RETURNS trigger LANGUAGE plpgsql
                        AS $$ BEGIN RAISE 'a trigger fired'; END $$;
                    CREATE TRIGGER count_host BEFORE UPDATE ON lever.delivery
                        FOR EACH ROW EXECUTE FUNCTION lever.count_host();
                    GRANT SELECT ON lever.hosts, lever.address TO lever_reader, lever_operator;
                    """))
            new.steps = [
                Schema.File(
                    name: "steps/0002-hosts",
                    """
                    ALTER TABLE lever.mail_host ALTER COLUMN host TYPE varchar(300);
                    ALTER TABLE lever.mail_host ALTER COLUMN host TYPE text, ADD COLUMN given_up_at timestamptz;
                    COMMENT ON COLUMN lever.mail_host.seen_at IS 'When it acknowledged that';
                    COMMENT ON COLUMN lever.mail_host.given_up_at IS
                        'When an administrator retired it: no rotation waits for it any more; NULL while it counts';
                    \(index)
                    UPDATE lever.delivery SET host = 'moved';
                    """)
            ]
        }
    }

    private func dump(_ database: StoreDatabase) throws -> [String] {
        let command = ["pg_dump", "--schema-only", "--dbname", database.conninfo(user: "postgres")]
        // A server's newest versions put a random word around the whole.
        return try Command.check(command).split(separator: "\n").map(String.init)
            .filter { !$0.contains("restrict ") }
    }

    @Test func `a database that took the steps is as a new one, and has kept its rows`() throws {
        let versions = try Versions()
        let upgraded = try StoreDatabase.empty()
        let conninfo = upgraded.conninfo(user: "postgres")
        #expect(try Schema.install(conninfo, files: versions.old).to == 1)
        _ = try upgraded.query(
            """
            INSERT INTO lever.company (name, provider, sync) VALUES ('old', 'google', 'limited');
            INSERT INTO lever.mail_host (host, snapshot) VALUES ('mx1', '3:3:');
            INSERT INTO lever.delivery (company_id, entry_id, thread_id, outcome, host, queue_id, accepted_at)
            VALUES (1, gen_random_uuid(), 1, 'never_log', 'mx1', 'q', now());
            """)
        #expect(try Schema.install(conninfo, files: versions.new) == Schema.Change(from: 1, to: 2))

        let fresh = try StoreDatabase.empty()
        let change = try Schema.install(fresh.conninfo(user: "postgres"), files: versions.new)
        #expect(change == Schema.Change(from: 0, to: 2))
        #expect(try dump(upgraded) == dump(fresh))
        #expect(try upgraded.query("SELECT host FROM lever.delivery") == "moved", "a step sees every row of its table")
        #expect(try upgraded.query("SELECT version, name FROM lever.schema_version") == "1|tables\n2|steps/0002-hosts")
        #expect(try upgraded.query("SELECT name FROM lever.company") == "old")
        #expect(throws: StoreError.schemaVersion(found: 2, expected: 1)) { try Schema.install(conninfo) }
    }

    @Test func `installing the same version again repairs functions, triggers, policies and grants`() throws {
        let database = try StoreDatabase.empty()
        let conninfo = database.conninfo(user: "postgres")
        _ = try Schema.install(conninfo)
        let before = try dump(database)
        _ = try database.query(
            """
            CREATE OR REPLACE FUNCTION lever.routing_snapshot() RETURNS pg_snapshot LANGUAGE sql
                RETURN NULL::pg_snapshot;
            CREATE OR REPLACE FUNCTION lever.is_domain(value text) RETURNS boolean LANGUAGE sql RETURN true;
            DROP FUNCTION lever.hmac;
            CREATE FUNCTION lever.more() RETURNS void LANGUAGE sql BEGIN ATOMIC END;
            DROP TRIGGER announce_routing ON lever.company;
            DROP POLICY owner_one_company ON lever.message;
            CREATE POLICY more ON lever.message_key TO lever_reader USING (true);
            ALTER TABLE lever.candidate NO FORCE ROW LEVEL SECURITY;
            GRANT SELECT ON lever.message_key, lever.message_07 TO lever_reader, PUBLIC;
            GRANT UPDATE (tail) ON lever.candidate TO lever_rekey;
            REVOKE USAGE ON SCHEMA lever FROM lever_ingest;
            """)
        #expect(try dump(database) != before)
        #expect(try Schema.install(conninfo) == Schema.Change(from: Schema.version, to: Schema.version))
        #expect(try dump(database) == before)
    }

    @Test func `what an administrator of the database granted and added is kept`() throws {
        let database = try StoreDatabase.empty()
        let conninfo = database.conninfo(user: "postgres")
        _ = try Schema.install(conninfo)
        let login = try database.newLogin(in: "")
        _ = try database.query(
            """
            GRANT USAGE ON SCHEMA lever TO \(login);
            GRANT SELECT ON lever.mail_host TO \(login);
            CREATE FUNCTION public.watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
            CREATE TRIGGER watch AFTER INSERT ON lever.company EXECUTE FUNCTION public.watch();
            """)
        let before = try dump(database)
        _ = try Schema.install(conninfo)
        // The privileges stand in the order in which they were granted.
        #expect(try dump(database).sorted() == before.sorted())
    }

    @Test func `an upgrade that fails half-way changes nothing`() throws {
        let database = try StoreDatabase.empty()
        let conninfo = database.conninfo(user: "postgres")
        _ = try Schema.install(conninfo)
        let before = try dump(database)
        var files = Schema.files
        files.steps += [
            Schema.File(name: "0002-good", "CREATE TABLE lever.new ()"), Schema.File(name: "0003-bad", "SELECT 1 / 0"),
        ]
        #expect(throws: DatabaseError.self) { try Schema.install(conninfo, files: files) }
        #expect(try dump(database) == before)
        #expect(try database.query("SELECT max(version) FROM lever.schema_version") == "\(Schema.version)")
    }

    @Test func `an installation does not wait without end for a transaction that uses a table`() throws {
        let database = try StoreDatabase.empty()
        let conninfo = database.conninfo(user: "postgres")
        _ = try Schema.install(conninfo)
        let other = try database.connection(user: "postgres")
        try other.execute("BEGIN; SELECT FROM lever.message")
        #expect(throws: StoreError.schemaInUse(seconds: 1)) {
            try Schema.install(conninfo, files: Schema.files, lockTimeout: 1)
        }
        try other.execute("COMMIT")
        _ = try Schema.install(conninfo)
    }

    @Test func `a host that is connected goes on after the same version was installed again`() throws {
        let database = try StoreDatabase.empty()
        _ = try Schema.install(database.conninfo(user: "postgres"))
        let tenant = try Tenant(in: database.administration())
        let host = try database.mailHost()
        #expect(try host.ingest([tenant.message()]) == [.captured])
        _ = try Schema.install(database.conninfo(user: "postgres"))
        #expect(try host.ingest([tenant.message()]) == [.captured])
    }
}

extension Schema.File {
    fileprivate init(name: String = "invented", _ statements: String) {
        self.init(name: name, statements: Array(statements.utf8))
    }
}

extension Schema.Files {
    /// Changes a table's file. The text must be there.
    fileprivate mutating func change(_ name: String, _ text: String, _ replacement: String) {
        let index = tables.firstIndex { $0.name == name }!
        let old = String(decoding: tables[index].statements, as: UTF8.self)
        let new = old.replacing(text, with: replacement)
        precondition(new != old)
        tables[index].statements = Array(new.utf8)
    }
}
