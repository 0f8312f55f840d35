/// The privileges that PostgreSQL's catalogue actually grants, beside what the schema intends. For one thread.
///
/// Not a session of a role: it reads the catalogue, which every role sees alike.
public final class AccessCatalog {
    private let connection: Connection
    private let isAuditor: Bool

    /// Works as lever_owner, which sees every company's users, or as lever_auditor, which sees those of its own
    /// companies.
    public init(_ conninfo: String, asAuditor: Bool) throws {
        connection = try .open(conninfo, as: asAuditor ? "lever_auditor" : "lever_owner")
        isAuditor = asAuditor
    }

    /// Every privilege in the schema except the owner's, by role and object.
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
            SELECT CASE role WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(role)::text END AS role, kind,
                object::text AS object, privilege, columns, restricted
            FROM granted ORDER BY 1, 2 DESC, 3, 4
            """
        ).map { row in
            Privilege(
                role: row["role"], kind: row["kind"], object: row["object"], privilege: row["privilege"],
                columns: row["columns"], isRestricted: row["restricted"])
        }
    }

    /// Every login that may work as one of the group roles, sorted by name. An auditor gets those that concern its
    /// companies: their own, the mail hosts', and logins that are not subject to row-level security.
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
        ).decode((String, [String], Bool).self).map { login, groups, isPrivileged in
            LoginAccess(
                login: login, groups: groups, isPrivileged: isPrivileged, companies: companies[login] ?? [])
        }.filter { login in
            !isAuditor || login.isPrivileged || !login.companies.isEmpty || login.groups.contains("lever_ingest")
        }
    }

    /// By login: the companies that it is a user of, with its role, and those that it has access to.
    private func companiesByLogin() throws -> [String: [String]] {
        var companies: [String: [String]] = [:]
        // An auditor sees one company at a time.
        for company in try CompanyRecord.all(connection) {
            try connection.actFor(company.id)
            let logins = try connection.query(
                """
                SELECT login, ' (' || role || CASE WHEN disabled_at IS NULL THEN ')' ELSE ', disabled)' END
                FROM lever.app_user WHERE company_id = \(company.id)
                UNION ALL
                SELECT login, '' FROM lever.access_grant WHERE company_id = \(company.id)
                """
            ).decode((String, String).self)
            for (login, role) in logins { companies[login, default: []].append(company.name + role) }
        }
        return companies
    }
}
