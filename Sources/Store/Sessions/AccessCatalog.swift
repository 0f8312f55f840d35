/// What a group role may do with something in the schema, as PostgreSQL's catalogue has it.
public struct Privilege: Hashable, Sendable {
    public let role: String
    /// `table`, `view` or `function`.
    public let kind: String
    public let object: String
    public let privilege: String
    /// The columns, where it is not the whole.
    public let columns: [String]
    /// Row-level security restricts which rows.
    public let isRestricted: Bool
}

/// A login that may work as one or more of the group roles.
public struct LoginAccess: Hashable, Sendable {
    public let login: String
    public let groups: [String]
    /// No row-level security binds it.
    public let isPrivileged: Bool
    /// Names of companies that it is a user of, with its role there, or has access to.
    public let companies: [String]
}

/// Who may do what, from the catalogue rather than from what was meant. For one thread.
public final class AccessCatalog {
    private let connection: Connection
    private let isAuditor: Bool

    /// Works as lever_owner, which sees every company's users, or as lever_auditor, which sees its own company's.
    public init(_ conninfo: String, asAuditor: Bool) throws {
        connection = try .open(conninfo, as: asAuditor ? "lever_auditor" : "lever_owner")
        isAuditor = asAuditor
    }

    /// Every privilege on anything in the schema but the owner's own, by role and object.
    public func privileges() throws -> [Privilege] {
        try connection.query(
            """
            WITH granted (role, kind, object, privilege, columns, restricted) AS (
                SELECT a.grantee, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END,
                    c.relname, a.privilege_type, '{}'::text[], c.relrowsecurity
                FROM pg_class AS c, aclexplode(c.relacl) AS a
                WHERE c.relnamespace = 'lever'::regnamespace AND a.grantee <> c.relowner
                UNION ALL
                SELECT a.grantee, 'table', c.relname, a.privilege_type, array_agg(t.attname::text ORDER BY t.attnum),
                    c.relrowsecurity
                FROM pg_class AS c JOIN pg_attribute AS t ON t.attrelid = c.oid, aclexplode(t.attacl) AS a
                WHERE c.relnamespace = 'lever'::regnamespace AND a.grantee <> c.relowner
                GROUP BY a.grantee, c.relname, a.privilege_type, c.relrowsecurity
                UNION ALL
                SELECT a.grantee, 'function', p.proname, a.privilege_type, '{}', false
                FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                WHERE p.pronamespace = 'lever'::regnamespace AND a.grantee <> p.proowner
            )
            SELECT CASE role WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(role)::text END, kind, object::text, privilege,
                columns, restricted
            FROM granted ORDER BY 1, 2 DESC, 3, 4
            """
        ).map { row in
            Privilege(
                role: row.text(0), kind: row.text(1), object: row.text(2), privilege: row.text(3),
                columns: row.array(4).map { String(decoding: $0, as: UTF8.self) }, isRestricted: row.boolean(5))
        }
    }

    /// Every login that may work as one of the group roles, in the order of names. For an auditor, those that have to do
    /// with its companies: theirs, the mail hosts', and whoever is bound by no row-level security.
    public func logins() throws -> [LoginAccess] {
        let companies = try companiesByLogin()
        return try connection.query(
            """
            SELECT r.rolname::text,
                array(SELECT g.rolname::text FROM pg_roles AS g WHERE g.rolname ~ '^lever_' AND NOT g.rolcanlogin
                    AND pg_has_role(r.oid, g.oid, 'MEMBER') ORDER BY 1),
                r.rolsuper OR r.rolbypassrls OR pg_has_role(r.oid, 'lever_owner', 'MEMBER')
            FROM pg_roles AS r
            WHERE r.rolcanlogin AND EXISTS (
                SELECT FROM pg_roles AS g WHERE g.rolname ~ '^lever_' AND NOT g.rolcanlogin
                    AND pg_has_role(r.oid, g.oid, 'MEMBER'))
            ORDER BY 1
            """
        ).map { row in
            LoginAccess(
                login: row.text(0), groups: row.array(1).map { String(decoding: $0, as: UTF8.self) },
                isPrivileged: row.boolean(2), companies: companies[row.text(0)] ?? [])
        }.filter { login in
            !isAuditor || login.isPrivileged || !login.companies.isEmpty || login.groups.contains("lever_ingest")
        }
    }

    /// By login: the companies it is a user of, with its role, and those it has access to.
    private func companiesByLogin() throws -> [String: [String]] {
        var companies: [String: [String]] = [:]
        // An auditor sees one company at a time.
        for company in try CompanyRecord.all(connection) {
            try connection.actFor(company.id)
            let rows = try connection.query(
                """
                SELECT login, ' (' || role || CASE WHEN disabled_at IS NULL THEN ')' ELSE ', disabled)' END
                FROM lever.app_user WHERE company_id = $1
                UNION ALL
                SELECT login, '' FROM lever.access_grant WHERE company_id = $1
                """,
                .bigint(company.id.rawValue))
            for row in rows { companies[row.text(0), default: []].append(company.name + row.text(1)) }
        }
        return companies
    }
}
