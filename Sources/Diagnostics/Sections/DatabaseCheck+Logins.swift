import Store

/// Whether each login has the rights that its key is for, and no others.
extension DatabaseCheck {
    func login(_ probe: DatabaseProbe) -> Finding? {
        guard let facts = probe.facts else { return nil }
        let login = facts.login
        let (key, role) = (probe.key, probe.key.role)
        let problems = Self.problems(of: login, as: key)
        if !problems.isEmpty {
            return .critical(
                .databaseLogin, "\(key.rawValue): the login \(login.name) \(problems.joined(separator: ", "))",
                do: "create a login that is a member of \(role) only: CREATE ROLE name LOGIN IN ROLE \(role), and "
                    + "name it "
                    + "in '\(key.rawValue)'")
        }
        guard login.isMember(of: role) else {
            return .critical(
                .databaseLogin, "\(key.rawValue): the login \(login.name) is not a member of \(role)",
                do: "as an administrator of the database: GRANT \(role) TO \(login.name)")
        }
        guard login.canWork(as: key) else {
            // A grant has options of its own since PostgreSQL 16.
            let (lacking, grant) =
                key != .database
                ? ("may not SET ROLE to it", "GRANT \(role) TO \(login.name) WITH SET TRUE")
                : facts.server.version < 160_000
                    ? ("does not inherit its rights", "ALTER ROLE \(login.name) INHERIT")
                    : ("does not inherit its rights", "GRANT \(role) TO \(login.name) WITH INHERIT TRUE")
            return .critical(
                .databaseLogin, "\(key.rawValue): the login \(login.name) is a member of \(role) but \(lacking)",
                do: "as an administrator of the database: \(grant)")
        }
        return .ok(.databaseLogin, "\(key.rawValue): \(login.name), \(role)")
    }

    /// What the login may do but should not. An administrator's login may do anything.
    static func problems(of login: DatabaseInspection.Login, as key: LoginKey) -> [String] {
        guard key != .admin else { return [] }
        // A superuser is a member of everything.
        if login.isSuperuser { return ["is a superuser"] }
        var problems: [String] = []
        if login.ownsDatabase { problems.append("owns the database") }
        if login.isPrivileged { problems.append("may create roles or databases") }
        if login.bypassesRowSecurity { problems.append("is not subject to row-level security") }
        let others = login.groups.filter { $0 != key.role } + login.powers
        // A person may have several roles; a mail host has one.
        let harmful = key == .database ? others : others.filter { $0 == "lever_owner" || $0.hasPrefix("pg_") }
        if !harmful.isEmpty { problems.append("is also a member of \(harmful.joined(separator: ", "))") }
        return problems
    }

    var adminLogin: Finding {
        guard settings.adminDatabase != nil else {
            return .ok(.databaseAdminLogin, "no administrator's login on this mail host")
        }
        return .critical(
            .databaseAdminLogin,
            "the configuration of this mail host has 'admin_database': whoever breaks in here is "
                + "administrator of every company",
            do: "remove 'admin_database' from \(settings.path); administer from another machine")
    }
}
