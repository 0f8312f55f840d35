import Core
import TestSupport
import Testing

@testable import Store

/// What a mail host's session makes sure of before anything is stored.
@Suite struct MailHostSessionTests {
    @Test(arguments: [
        ("off", "on"), ("local", "on"), ("remote_write", "on"), ("on", "on"), ("remote_apply", "remote_apply"),
    ])
    func `what was heard to be committed is on disk, whatever the server says for others`(
        _ server: String, _ session: String
    ) throws {
        let database = try StoreDatabase.installed()
        _ = try database.query("ALTER DATABASE \(database.name) SET synchronous_commit = \(server)")
        let connection = try database.mailHost().connection
        #expect(try connection.query("SHOW synchronous_commit").single.decode(String.self) == session)
    }

    @Test func `a server that commits without waiting for its disk is killed: what was heard to be stored is there`()
        throws
    {
        // Nothing but a session that asks for it reaches the disk within ten seconds.
        let postgres = try PostgresInstance(settings: ["synchronous_commit": "off", "wal_writer_delay": "10s"])
        try postgres.createDatabase("lever")
        let conninfo = postgres.connectionString(database: "lever")
        _ = try Schema.install(conninfo)
        let tenant = try Tenant(in: OwnerSession(conninfo))
        try postgres.query("CHECKPOINT")
        let host = try IngestSession(conninfo)
        #expect(try host.ingest((1...3).map { _ in tenant.message() }) == [.captured, .captured, .captured])
        try postgres.kill()
        try postgres.start()
        #expect(try postgres.query("SELECT count(*) FROM lever.message", database: "lever") == "3")
        #expect(throws: DatabaseError.self) { try host.routing() }
    }

    @Test func `the server gives up before the mail host does`() throws {
        let database = try StoreDatabase.common()
        let connection = try IngestSession(database.conninfo(user: "mailhost"), timeout: 3).connection
        #expect(try connection.query("SHOW statement_timeout").single.decode(String.self) == "2s")
        #expect(try connection.query("SHOW lock_timeout").single.decode(String.self) == "1s")
    }

    @Test func `a schema of another version is refused with a word on which side to update`() throws {
        func refusal(_ database: StoreDatabase) -> String {
            #expect(throws: DatabaseError.self) { try database.mailHost() }?.description ?? ""
        }
        let older = try StoreDatabase.empty()
        #expect(refusal(older).contains("run leverctl init-db"))
        _ = try Schema.install(older.conninfo(user: "postgres"))
        let host = try older.mailHost()
        try host.requireSchema()

        _ = try older.query("INSERT INTO lever.schema_version (version, name) VALUES (99, 'later')")
        #expect(
            refusal(older).contains("version 99, newer than this lever-milter's \(Schema.version); install the newer"))
        #expect(throws: DatabaseError.self) { try host.requireSchema() }
        _ = try older.query("DELETE FROM lever.schema_version")
        #expect(refusal(older).contains("its schema is version 0, and this lever-milter needs \(Schema.version)"))
        #expect(refusal(older).contains("run leverctl init-db"))

        let stranger = #expect(throws: DatabaseError.self) {
            try IngestSession(older.conninfo(user: "stranger"))
        }
        #expect(stranger?.description.contains("not a member of lever_ingest") == true)
    }

    @Test func `an upgrade is announced to the mail hosts that are connected`() throws {
        let database = try StoreDatabase.installed()
        let host = try database.mailHost()
        _ = try Schema.install(database.conninfo(user: "postgres"))
        #expect(try !host.routingChanged())
        var files = Schema.files
        files.steps.append(Schema.File(name: "next", statements: Array("SELECT 1".utf8)))
        _ = try Schema.install(database.conninfo(user: "postgres"), files: files)
        try host.connection.execute("SELECT 1")
        #expect(try host.routingChanged())
        #expect(throws: DatabaseError.self) { try host.requireSchema() }
    }

    @Test func `a commit with a warning is not taken for durable, and the same again is stored once`() throws {
        let database = try StoreDatabase.installed()
        let tenant = try Tenant(in: database.administration())
        let host = try database.mailHost()
        _ = try database.query(
            """
            CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE WARNING 'canceling wait for synchronous replication'; RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON lever.message DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION warn();
            """)
        let message = tenant.message()
        let error = #expect(throws: DatabaseError.self) { try host.ingest([message]) }
        #expect(error?.isTransient == true && error?.message.contains("not known to be durable") == true)
        #expect(try host.ingest([message]) == [.captured])
        #expect(try database.query("SELECT count(*) FROM lever.message") == "1")
    }

    @Test func `a database is known again by its history, and one that is another or came less far is not`() throws {
        let database = try StoreDatabase.installed()
        let tenant = try Tenant(in: database.administration())
        let first = try #require(try database.mailHost().history())
        #expect(try database.mailHost().ingest([tenant.message()]) == [.captured])
        let second = try #require(try database.mailHost().history())
        #expect(second.continues(first) && second.continues(second) && second.position > first.position)
        #expect(!first.continues(second))
        #expect(first.timeline == 1)
        let copy = try StoreDatabase.installed()
        #expect(try copy.mailHost().history()?.continues(first) == false)
        for change in [\DatabasePosition.system, \.database, \.timeline, \.table] {
            var other = second
            other[keyPath: change] += 1
            #expect(!other.continues(first))
        }
    }

    @Test func `a server that keeps its history from mail hosts is used all the same`() throws {
        let database = try StoreDatabase.installed()
        _ = try database.query("REVOKE EXECUTE ON FUNCTION pg_control_system FROM PUBLIC")
        let host = try database.mailHost()
        #expect(try host.history() == nil)
        try host.requireSchema()
        _ = try database.query("GRANT EXECUTE ON FUNCTION pg_control_system TO lever_ingest")
        #expect(try host.history() != nil)
    }
}
