import Core
import TestSupport
import Testing

@testable import Store

@Suite("Privileges")
struct PrivilegeTests {
    /// The statements that a relation offers, each harmless where it is allowed.
    private static func statements(on relation: String) -> [String] {
        [
            "SELECT * FROM \(relation) LIMIT 0", "INSERT INTO \(relation) DEFAULT VALUES",
            "DELETE FROM \(relation) WHERE false", "TRUNCATE \(relation)",
        ]
    }

    private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    /// Whether the statement was refused for want of a privilege.
    private static func isRefused(_ statement: String, _ connection: Connection) throws -> Bool {
        do {
            try connection.execute(statement)
            return false
        } catch {
            return error.sqlState == "42501"
        }
    }

    @Test("A mail host reads routing and nothing else")
    func mailHostTables() throws {
        let database = try StoreDatabase.installed()
        let relations = try Self.lines(
            database.query(
                "SELECT oid::regclass FROM pg_class WHERE relnamespace = 'lever'::regnamespace AND relkind IN ('r', 'p', 'v')"
            ))
        #expect(relations.count == 71)
        let connection = try database.connection(user: "mailhost")
        var allowed: [String] = []
        for statement in relations.flatMap(Self.statements) where (try? connection.execute(statement)) != nil {
            allowed.append(statement)
        }
        #expect(allowed == ["SELECT * FROM lever.routing LIMIT 0"])

        let privileges = try database.query(
            """
            SELECT oid::regclass, privilege FROM pg_class,
                unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
            WHERE relnamespace = 'lever'::regnamespace AND relkind IN ('r', 'p', 'v')
                AND has_table_privilege('mailhost', oid, privilege)
            """)
        #expect(privileges == "lever.routing|SELECT")
    }

    @Test("A mail host executes ingest and no other function of the schema")
    func mailHostFunctions() throws {
        let database = try StoreDatabase.installed()
        let functions = try Self.lines(
            database.query(
                """
                SELECT proname FROM pg_proc WHERE pronamespace = 'lever'::regnamespace
                AND has_function_privilege('mailhost', oid, 'EXECUTE')
                """))
        #expect(Set(functions) == ["ingest", "current_generation", "acknowledge_routing", "erased"])
        let connection = try database.connection(user: "mailhost")
        #expect(try Self.isRefused("SELECT lever.split('\\x00', 1)", connection))
    }

    @Test(
        "A mail host makes nothing and becomes nobody",
        arguments: [
            "CREATE TABLE lever.mine ()", "CREATE TABLE public.mine ()", "CREATE TEMPORARY TABLE mine ()",
            "CREATE SCHEMA mine", "SET ROLE lever_owner", "SET ROLE lever_reader",
            "SELECT nextval('lever.company_company_id_seq')",
            "CREATE OR REPLACE FUNCTION lever.split(packed bytea, bytes integer) RETURNS bytea[] LANGUAGE sql RETURN NULL",
        ])
    func mailHostCreations(statement: String) throws {
        // Not a copy: the privileges on a database itself are not copied.
        let database = try StoreDatabase.empty()
        _ = try Schema.install(database.conninfo(user: "postgres"))
        #expect(try Self.isRefused(statement, database.connection(user: "mailhost")))
    }

    @Test("The public has no privilege on anything in the schema")
    func publicPrivileges() throws {
        let database = try StoreDatabase.installed()
        let granted = try database.query(
            """
            SELECT relname FROM pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner))) AS a
            WHERE relnamespace = 'lever'::regnamespace AND relkind IN ('r', 'p', 'v') AND a.grantee = 0
            UNION ALL
            SELECT proname FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) AS a
            WHERE pronamespace = 'lever'::regnamespace AND a.grantee = 0
            UNION ALL
            SELECT nspname FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) AS a
            WHERE nspname = 'lever' AND a.grantee = 0
            """)
        #expect(granted == "")
    }

    @Test("Everything belongs to lever_owner")
    func ownership() throws {
        let database = try StoreDatabase.installed()
        let owners = try database.query(
            """
            SELECT DISTINCT pg_get_userbyid(owner) FROM (
                SELECT relowner FROM pg_class WHERE relnamespace = 'lever'::regnamespace
                UNION SELECT proowner FROM pg_proc WHERE pronamespace = 'lever'::regnamespace
                UNION SELECT nspowner FROM pg_namespace WHERE nspname = 'lever') AS o (owner)
            """)
        #expect(owners == "lever_owner")
    }

    @Test("No role but the owner has a privilege on a partition")
    func partitions() throws {
        let database = try StoreDatabase.installed()
        let granted = try database.query(
            """
            SELECT count(*), count(a.grantee) FROM pg_class
            LEFT JOIN LATERAL aclexplode(relacl) AS a ON a.grantee <> relowner
            WHERE relnamespace = 'lever'::regnamespace AND relispartition AND relkind = 'r'
            """)
        #expect(granted == "48|0")
    }

    @Test("A reader sees the company that it is a user of and names, nothing of others, and writes nowhere")
    func readers() throws {
        let database = try StoreDatabase.installed()
        let administration = try database.administration()
        let tenants = [try Tenant(in: administration), try Tenant(in: administration)]
        #expect(try database.mailHost().ingest(tenants.map { $0.message() }) == [.captured, .captured])

        let own = tenants[0].company.id
        let connection = try database.connection(user: database.newUser(of: own, administration, .admin))
        for table in ["candidate", "thread", "message", "message_part", "delivery"] {
            let count = "SELECT company_id FROM lever.\(table)"
            try connection.execute("RESET lever.company")
            #expect(try connection.query(count).isEmpty)
            for tenant in tenants {
                try connection.execute("SET lever.company = '\(tenant.company.id)'")
                #expect(
                    try connection.query(count).map { $0.bigint(0) } == (tenant.company.id == own ? [own.rawValue] : [])
                )
            }
            #expect(try Self.isRefused("DELETE FROM lever.\(table)", connection))
        }
        for table in ["company", "company_domain"] {
            let seen = try connection.query("SELECT company_id FROM lever.\(table)")
            #expect(seen.map { $0.bigint(0) } == [own.rawValue])
        }
        for table in ["company_secret", "sealing_key", "routing", "message_key", "message_00", "audit"] {
            #expect(try Self.isRefused("SELECT FROM lever.\(table)", connection))
        }
    }
}
