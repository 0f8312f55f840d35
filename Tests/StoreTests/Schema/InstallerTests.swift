import TestSupport
import Testing

@testable import Store

/// Which logins may install, in a cluster whose roles another login created: PostgreSQL 16 changed who may grant them.
@Suite struct InstallerTests {
    private let database: StoreDatabase
    private let login: String

    init() throws {
        database = try .empty()
        // The group roles exist already, created by postgres.
        login = try database.newLogin(in: "")
        _ = try database.query("ALTER ROLE \(login) CREATEROLE; ALTER DATABASE \(database.name) OWNER TO \(login)")
    }

    private var conninfo: String { database.conninfo(user: login) }

    private func isSince16() throws -> Bool {
        try database.query("SELECT current_setting('server_version_num')::integer >= 160000") == "t"
    }

    private func installs() throws {
        #expect(try Schema.install(conninfo).to == Schema.version)
        #expect(try Schema.install(conninfo).from == Schema.version)
        #expect(try OwnerSession(conninfo).companies().isEmpty)
    }

    /// The statement that an error gives, as it stands.
    private func statement(in error: (any Error)?) throws -> String {
        String(try #require("\(error.map { "\($0)" } ?? "")".firstMatch(of: #/GRANT .* WITH ADMIN OPTION/#)).output)
    }

    @Test(arguments: ["INHERIT", "NOINHERIT"])
    func `a login that may create roles installs, without being a superuser; since 16 as soon as it may grant ours`(
        inheritance: String
    ) throws {
        _ = try database.query("ALTER ROLE \(login) \(inheritance)")
        if try isSince16() {
            let error = #expect(throws: StoreError.self) { try Schema.install(conninfo) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.hasPrefix("the login \(login) may not work as lever_owner"), "\(text)")
            #expect(text.contains("as a superuser: GRANT lever_owner, ") || text.contains(" or a superuser: GRANT"))
            #expect(text.hasSuffix("TO \(login) WITH ADMIN OPTION; then run init-db again"))
            _ = try database.query(statement(in: error))
        }
        try installs()
        // What an administrator does next.
        let host = "host_\(UInt32.random(in: 0...UInt32.max))"
        try database.postgres.query("CREATE ROLE \(host) LOGIN IN ROLE lever_ingest", database: database.name, user: login)
        _ = try IngestSession(database.conninfo(user: host))
    }

    @Test func `a database that a superuser installed is taken over by the same statement`() throws {
        _ = try Schema.install(database.conninfo(user: "postgres"))
        if try isSince16() {
            let error = #expect(throws: StoreError.self) { try Schema.install(conninfo) }
            _ = try database.query(statement(in: error))
        }
        try installs()
    }

    @Test func `who may grant the roles without being a member becomes one`() throws {
        guard try isSince16() else { return try installs() }
        _ = try database.query("GRANT lever_owner TO \(login) WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
        try installs()
    }

    @Test func `the login that may grant the roles is named`() throws {
        let other = try database.newLogin(in: "")
        _ = try database.query("GRANT lever_owner TO \(login) WITH ADMIN OPTION")
        _ = try Schema.install(conninfo)
        let error = #expect(throws: StoreError.self) { try Schema.install(database.conninfo(user: other)) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains(login) && text.contains("or a superuser: GRANT lever_owner, "), "\(text)")
        _ = try database.postgres.query(
            "GRANT lever_owner TO \(other) WITH ADMIN OPTION", database: database.name, user: login)
        #expect(try Schema.install(database.conninfo(user: other)).from == Schema.version)
    }

    @Test func `a login that may not create schemas is told what it takes`() throws {
        _ = try database.query("ALTER DATABASE \(database.name) OWNER TO postgres")
        let error = #expect(throws: StoreError.self) { try Schema.install(database.conninfo(user: "stranger")) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("a login that may create roles and schemas"))
    }

    @Test func `a limit that the server has for transactions ends no installation and no session of ours`() throws {
        guard try database.query("SELECT count(*) FROM pg_settings WHERE name = 'transaction_timeout'") == "1" else {
            return
        }
        _ = try database.query("ALTER DATABASE \(database.name) SET transaction_timeout = '100ms'")
        _ = try Schema.install(database.conninfo(user: "postgres"))
        let session = try database.administration()
        try session.connection.execute("BEGIN; SELECT pg_sleep(0.3); COMMIT")
        _ = try database.mailHost().routing()
    }

    @Test func `membership, inheritance and the right to change to a role are told apart`() throws {
        _ = try Schema.install(database.conninfo(user: "postgres"))
        let since16 = try isSince16()
        _ = try database.query("ALTER ROLE \(login) NOINHERIT; GRANT lever_ingest TO \(login)")
        func facts() throws -> DatabaseInspection.Login { try DatabaseInspection(conninfo).login() }
        var found = try facts()
        #expect(found.groups == ["lever_ingest"] && found.assumableGroups == ["lever_ingest"])
        #expect(found.inheritedGroups == [])
        guard since16 else { return }
        _ = try database.query("GRANT lever_ingest TO \(login) WITH INHERIT TRUE, SET FALSE")
        found = try facts()
        #expect(found.groups == ["lever_ingest"] && found.inheritedGroups == ["lever_ingest"])
        #expect(found.assumableGroups == [])
    }
}
