import Core
import TestSupport
import Testing

@testable import Store

/// Nobody's open transaction holds up another company, and no login starves the others.
@Suite struct LimitTests {
    private static let names = ["idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"]

    private func settings(_ connection: Connection) throws -> [String] {
        try Self.names.map { try connection.query("SHOW \(unescaped: $0)").single.decode(String.self) }
    }

    @Test func `every login's sessions have limits once init-db has run; those that somebody set are kept`() throws {
        let database = try StoreDatabase.empty()
        _ = try database.query("ALTER DATABASE \(database.name) SET lock_timeout = '7s'")
        _ = try Schema.install(database.conninfo(user: "postgres"))
        #expect(try settings(database.connection(user: "reader")) == ["1min", "7s", "5min"])
        #expect(try database.connection(user: "reader").query("SHOW temp_file_limit").single.decode(String.self) == "1GB")
        let inspection = try DatabaseInspection(database.conninfo(user: "reader"))
        #expect(try inspection.limits().unlimited == [])
        _ = try database.query("ALTER DATABASE \(database.name) SET idle_in_transaction_session_timeout = 0")
        _ = try Schema.install(database.conninfo(user: "postgres"))
        #expect(
            try DatabaseInspection(database.conninfo(user: "reader")).limits().unlimited == [
                "idle_in_transaction_session_timeout"
            ])
    }

    @Test func `sessions of leverctl have limits, whatever the server has set`() throws {
        let database = try StoreDatabase.installed()
        #expect(try settings(database.reader().connection) == ["1min", "10s", "5min"])
        #expect(try settings(database.administration().connection) == ["10min", "10s", "1h"])
    }

    @Test func `init-db takes away what lets every login fill the disk, each time`() throws {
        let database = try StoreDatabase.empty()
        let conninfo = database.conninfo(user: "postgres")
        _ = try Schema.install(conninfo)
        let inspection = try DatabaseInspection(database.conninfo(user: "reader"))
        #expect(try inspection.limits().liberties == [])
        _ = try database.query(
            """
            GRANT TEMPORARY ON DATABASE \(database.name) TO PUBLIC;
            GRANT CREATE ON SCHEMA public TO PUBLIC;
            GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC
            """)
        #expect(try inspection.limits().liberties == ["temporary tables", "large objects", "tables"])
        _ = try Schema.install(conninfo)
        #expect(try inspection.limits().liberties == [])
    }

    @Test func `no function takes an advisory lock, which every login could hold`() throws {
        let database = try StoreDatabase.installed()
        #expect(
            try database.query(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'lever'::regnamespace AND prosrc ~ 'advisory'") == "")
    }

    @Test func `a session that holds every advisory lock that we ever took holds up no installation and no domain`()
        throws
    {
        let database = try StoreDatabase.installed()
        let holder = try database.connection(user: "stranger")
        try holder.execute(
            """
            SELECT pg_advisory_lock(\(0x6c65766572));
            SELECT pg_advisory_lock(hashtextextended('lever forward new.example', 0))
            """)
        _ = try Schema.install(database.conninfo(user: "postgres"))
        let tenant = try Tenant(in: database.administration())
        var change = CompanyChange()
        change.addedDomains = ["new.example"]
        _ = try database.administration().change(tenant.company.id, change)
    }

    @Test func `a change of one company's routing that is left open holds up no other company's, nor its keys`() throws {
        let database = try StoreDatabase.installed()
        let administration = try database.administration()
        let (held, other) = (try Tenant(in: administration).company.id, try Tenant(in: administration).company.id)
        var change = CompanyChange()
        change.isFullSyncReady = true
        _ = try administration.change(held, change)
        let login = try database.newUser(of: held, administration, .superAdmin)
        let user = try database.connection(user: login)
        try user.execute("BEGIN; SELECT lever.choose_sync(\(held), 'full', '')")

        let host = try database.mailHost()
        func acknowledge() throws {
            try host.acknowledgeRouting(snapshot: host.routingSnapshot(), host: "mx1.example")
        }
        try acknowledge()
        change = CompanyChange()
        change.addedDomains = ["other.example"]
        change.stamps = true
        _ = try administration.change(other, change)
        _ = try administration.announceMarkerKey(.random(32), to: other)
        #expect(
            try storeError { try administration.advance(.marker, of: other) }
                == .notDistributed(hosts: ["mx1.example"]))
        try acknowledge()
        #expect(try administration.mailHosts().map(\.isCurrent) == [true])
        #expect(try administration.advance(.marker, of: other).state == .distributed)

        // A change that was under way when the host looked is one that it does not have.
        try user.execute("COMMIT")
        #expect(try administration.mailHosts().map(\.isCurrent) == [false])
        try acknowledge()
        #expect(try administration.mailHosts().map(\.isCurrent) == [true])
    }

    @Test func `a key that is announced while a host reads routing is not taken for known there`() throws {
        let database = try StoreDatabase.installed()
        let administration = try database.administration()
        let company = try Tenant(in: administration).company.id
        let host = try database.mailHost()
        let other = try database.connection(user: "administrator")
        try other.execute("SET ROLE lever_owner; BEGIN")
        try other.execute(
            """
            INSERT INTO lever.company_secret (company_id, kind, version, secret, state)
            VALUES (\(company), 'marker', 2, sha256('x'), 'next')
            """)
        // A later transaction that is through before.
        var change = CompanyChange()
        change.stamps = true
        _ = try administration.change(company, change)
        let snapshot = try host.routingSnapshot()
        try other.execute("COMMIT")
        try host.acknowledgeRouting(snapshot: snapshot, host: "mx1.example")
        #expect(
            try storeError { try administration.advance(.marker, of: company) }
                == .notDistributed(hosts: ["mx1.example"]))
    }

    @Test func `a host waits for nobody who holds its row, and its word counts the next time`() throws {
        let database = try StoreDatabase.installed()
        let host = try database.mailHost()
        try host.acknowledgeRouting(snapshot: "3:3:", host: "mx1.example")
        let holder = try database.connection(user: "mailhost")
        try holder.execute("BEGIN; SELECT lever.acknowledge_routing('mx1.example', '4:4:')")
        try host.acknowledgeRouting(snapshot: "5:5:", host: "mx1.example")
        try holder.execute("COMMIT")
        try host.acknowledgeRouting(snapshot: "6:6:", host: "mx1.example")
        #expect(try database.query("SELECT snapshot FROM lever.mail_host") == "6:6:")
    }

    @Test func `in a database that was restored, hosts have what it began with`() throws {
        let database = try StoreDatabase.installed()
        let administration = try database.administration()
        let company = try Tenant(in: administration).company.id
        _ = try administration.announceMarkerKey(.random(32), to: company)
        // Numbers of another server's transactions.
        _ = try database.query(
            "ALTER TABLE lever.company_secret DISABLE TRIGGER USER; UPDATE lever.company_secret SET changed_in = '99999999'")
        let host = try database.mailHost()
        try host.acknowledgeRouting(snapshot: host.routingSnapshot(), host: "mx1.example")
        #expect(try administration.advance(.marker, of: company).state == .distributed)
    }
}
