import Core
import TestSupport
import Testing

@testable import Store

/// What each role may do, tried with every statement on every relation and function that the schema has.
@Suite struct PrivilegeTests {
    private static let roles = [
        "lever_ingest", "lever_reader", "lever_rekey", "lever_retention", "lever_auditor", "lever_operator",
        "stranger",
    ]

    private let database: StoreDatabase

    init() throws {
        database = try .installed()
    }

    private func login(_ role: String) throws -> Connection {
        let administration = try database.administration()
        let company = try Tenant(in: administration).company.id
        let login =
            switch role {
            case "stranger": "stranger"
            case "lever_ingest": "mailhost"
            case "lever_reader": try database.newUser(of: company, administration, .superAdmin)
            default: try database.newService(role, of: company, administration)
            }
        let connection = try database.connection(user: login)
        try connection.actFor(company)
        return connection
    }

    /// The statement fails for want of a privilege (SQLSTATE 42501, and PostgreSQL's own words), whatever else may be
    /// wrong with it. Or it is one that PostgreSQL has for nobody: writing to this view or to a sequence.
    private func isRefused(_ statement: String, _ connection: Connection) throws -> Bool {
        try connection.execute("BEGIN")
        defer { try? connection.execute("ROLLBACK") }
        do {
            try connection.execute(statement)
            return false
        } catch {
            return (error.sqlState == "42501" && error.message.hasPrefix("permission denied"))
                || ["55000", "42809"].contains(error.sqlState)
        }
    }

    /// `SELECT name(columns)` and so on: what was not refused, `*` for all columns.
    private func allowed(on relation: String, _ columns: [String], _ connection: Connection) throws -> [String] {
        func taken(_ privilege: String, _ statement: (String) -> String) throws -> String? {
            let taken = try columns.filter { try !isRefused(statement($0), connection) }
            let list = taken == columns ? "*" : taken.joined(separator: ", ")
            return taken.isEmpty ? nil : "\(privilege) \(relation)(\(list))"
        }
        let whole = [
            ("INSERT", "INSERT INTO lever.\(relation) DEFAULT VALUES"), ("DELETE", "DELETE FROM lever.\(relation)"),
            ("TRUNCATE", "TRUNCATE lever.\(relation) CASCADE"),
        ]
        return try [
            taken("SELECT") { "SELECT \($0) FROM lever.\(relation)" },
            taken("UPDATE") { "UPDATE lever.\(relation) SET \($0) = DEFAULT WHERE false" },
        ].compactMap(\.self) + whole.filter { try !isRefused($0.1, connection) }.map { "\($0.0) \(relation)" }
    }

    @Test(arguments: roles)
    func `on every table, partition, view and sequence a role does what is listed and nothing else`(role: String) throws
    {
        let connection = try login(role)
        let relations = try database.lines(
            """
            SELECT relname, string_agg(attname, ',' ORDER BY attnum) FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
            WHERE relnamespace = 'lever'::regnamespace AND relkind NOT IN ('i', 'I', 'c', 't')
                AND attnum > 0 AND NOT attisdropped
            GROUP BY relname
            """)
        #expect(relations.count > 48 + 16)
        let found = try relations.flatMap { line in
            let fields = line.split(separator: "|")
            return try allowed(on: String(fields[0]), fields[1].split(separator: ",").map(String.init), connection)
        }
        #expect(Set(found) == Set(AllowedAction.relations[role, default: []]))
    }

    @Test(arguments: roles)
    func `of all functions a role calls those that are listed and no others`(role: String) throws {
        let connection = try login(role)
        // The arguments come from a row, since a strict function of constant nulls is never called.
        let calls = try database.lines(
            """
            SELECT p.proname, 'SELECT lever.' || p.proname || '(' || coalesce(string_agg('a' || n, ', ' ORDER BY n), '')
                || ') FROM (SELECT 1' || coalesce(string_agg(', NULL::' || format_type(t, NULL) || ' AS a' || n, ''), '')
                || ' OFFSET 0) AS s'
            FROM pg_proc AS p LEFT JOIN LATERAL unnest(p.proargtypes) WITH ORDINALITY AS u (t, n) ON true
            WHERE p.pronamespace = 'lever'::regnamespace GROUP BY p.oid
            """
        ).map { $0.split(separator: "|", maxSplits: 1).map(String.init) }
        #expect(calls.count > 20)
        let expected = Set(AllowedAction.functions[role, default: []])
        let called = try calls.filter { call in
            try connection.execute("BEGIN")
            defer { try? connection.execute("ROLLBACK") }
            do {
                try connection.execute(call[1])
                return true
            } catch let error as DatabaseError {
                return !error.message.hasPrefix("permission denied")
            }
        }
        #expect(Set(called.map { $0[0] }) == expected)
        let granted = try connection.query(
            """
            SELECT proname::text FROM pg_proc
            WHERE pronamespace = 'lever'::regnamespace AND has_function_privilege(oid, 'EXECUTE')
            """)
        #expect(Set(granted.decode(String.self)) == expected)
    }

    @Test func `the access catalogue has exactly what is listed, and says where row-level security restricts it`()
        throws
    {
        let listed = Self.roles.flatMap { role in
            AllowedAction.relations[role, default: []].map { "\(role) \($0)" }
                + AllowedAction.functions[role, default: []].map { "\(role) EXECUTE \($0)" }
        }
        let auditor = try database.newLogin(in: "lever_auditor")
        let companyTables = try Set(
            database.lines("SELECT table_name FROM information_schema.columns WHERE column_name = 'company_id'"))
        for (login, asAuditor) in [("administrator", false), (auditor, true)] {
            let catalog = try AccessCatalog(database.conninfo(user: login), asAuditor: asAuditor)
            let privileges = try catalog.privileges()
            let found = privileges.map { privilege in
                let columns = privilege.columns.isEmpty ? "*" : privilege.columns.joined(separator: ", ")
                return "\(privilege.role) \(privilege.privilege) \(privilege.object)"
                    + (privilege.kind == "function" ? "" : "(\(columns))")
            }
            #expect(Set(found) == Set(listed))
            for privilege in privileges where privilege.kind == "table" {
                #expect(privilege.isRestricted == companyTables.contains(privilege.object), "\(privilege.object)")
            }
        }
    }

    @Test(arguments: roles)
    func `no role sets another role, and none but the owner's logins set lever_owner`(role: String) throws {
        let connection = try login(role)
        let groups = AllowedAction.relations.keys + ["lever_owner", "postgres"]
        for other in groups {
            #expect(try isRefusedRole(other, connection) == (other != role), "\(role) as \(other)")
        }
        // A session's role is another thing than its login, which is what policies go by.
        #expect(throws: DatabaseError.self) { try connection.execute("SET SESSION AUTHORIZATION administrator") }
        let administrator = try database.connection(user: "administrator")
        #expect(try !isRefusedRole("lever_owner", administrator))
    }

    private func isRefusedRole(_ role: String, _ connection: Connection) throws -> Bool {
        do {
            try connection.execute("SET ROLE \(role); RESET ROLE")
            return false
        } catch {
            #expect(error.sqlState == "42501")
            return true
        }
    }

    @Test func `the group roles do not log in, and bypass nothing`() throws {
        let groups = try database.lines(
            """
            SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles
            WHERE rolname ~ '^lever_' ORDER BY 1
            """)
        let names = (Self.roles.filter { $0 != "stranger" } + ["lever_owner"]).sorted()
        #expect(groups == names.map { "\($0)|f|f|f|f|f" })
        #expect(throws: DatabaseError.self) { try database.connection(user: "lever_owner") }
        _ = try database.connection(user: "administrator")
    }

    @Test(arguments: [
        "CREATE TABLE lever.mine ()", "CREATE TABLE public.mine ()", "CREATE TEMPORARY TABLE mine ()",
        "CREATE SCHEMA mine", "SELECT nextval('lever.company_company_id_seq')", "SELECT lo_create(0)",
        "SELECT lo_creat(-1)", "SELECT lo_from_bytea(0, 'x')",
        "CREATE OR REPLACE FUNCTION lever.hmac(key bytea, message bytea) RETURNS bytea LANGUAGE sql RETURN NULL",
    ])
    func `a mail host makes nothing and replaces nothing`(statement: String) throws {
        // Not a copy: the privileges on a database itself are not copied.
        let database = try StoreDatabase.empty()
        _ = try Schema.install(database.conninfo(user: "postgres"))
        let connection = try database.connection(user: "mailhost")
        #expect { try connection.execute(statement) } throws: { ($0 as? DatabaseError)?.sqlState == "42501" }
    }

    @Test func `the public has no privilege on anything in the schema`() throws {
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

    @Test func `everything belongs to lever_owner`() throws {
        let owners = try database.query(
            """
            SELECT DISTINCT pg_get_userbyid(owner) FROM (
                SELECT relowner FROM pg_class WHERE relnamespace = 'lever'::regnamespace
                UNION SELECT proowner FROM pg_proc WHERE pronamespace = 'lever'::regnamespace
                UNION SELECT nspowner FROM pg_namespace WHERE nspname = 'lever') AS o (owner)
            """)
        #expect(owners == "lever_owner")
    }

    @Test func `no role but the owner has a privilege on a partition`() throws {
        let granted = try database.query(
            """
            SELECT count(*), count(a.grantee) FROM pg_class
            LEFT JOIN LATERAL aclexplode(relacl) AS a ON a.grantee <> relowner
            WHERE relnamespace = 'lever'::regnamespace AND relispartition AND relkind = 'r'
            """)
        #expect(granted == "48|0")
    }
}
