public import Core

/// What a user of the product may see and do in a company.
public enum UserRole: String, CaseIterable, Sendable {
    /// As an admin, and erases.
    case superAdmin = "super_admin"
    /// Sees every thread, secret ones too; removes messages.
    case admin
    /// Sees every thread but the secret ones it neither made secret nor takes part in.
    case teamMember = "team_member"
    /// Sees the threads it takes part in.
    case limitedTeamMember = "limited_team_member"
}

/// A person who reads timelines, by way of a database login.
public struct User: Hashable, Sendable {
    public let login: String
    public let role: UserRole
    public let isEnabled: Bool
    public let addedAt: Timestamp
    /// What the user agreed to; by which login that is for the user alone to change.
    public let maySend: Bool
    public let mayRead: Bool
    /// The mail address, sealed; nil where the keys that opened it are destroyed.
    public let address: SealedProfile?
}

extension OwnerSession {
    /// In the order of logins.
    public func users(of company: CompanyID) throws -> [User] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT u.login, u.role, u.disabled_at IS NULL, u.added_at, a.head, a.tail, a.entry_id, a.bound_at,
                u.send_granted_at IS NOT NULL, u.read_granted_at IS NOT NULL
            FROM lever.app_user AS u
            JOIN lever.address AS a ON a.company_id = u.company_id AND a.entry_id = u.address_id
            WHERE u.company_id = $1 ORDER BY u.login
            """,
            .bigint(company.rawValue)
        ).map { row in
            User(
                login: row.text(0), role: UserRole(rawValue: row.text(1))!, isEnabled: row.boolean(2),
                addedAt: row.timestamp(3), maySend: row.boolean(8), mayRead: row.boolean(9),
                address: SealedProfile(row, from: 4, company: company))
        }
    }

    /// The login is an ordinary one, a member of lever_reader, and nobody's user yet.
    public func addUser(_ login: String, role: UserRole, address: NewAddress, to company: CompanyID) throws {
        try require(login, toBeMemberOf: "lever_reader")
        do {
            try connection.transaction {
                try addAddress(address, to: company)
                try connection.query(
                    "INSERT INTO lever.app_user (company_id, login, role, address_id) VALUES ($1, $2, $3, $4)",
                    .bigint(company.rawValue), .text(login), .text(role.rawValue), .uuid(address.profile.binding.entry))
                try audit("user", "\(login): \(role.rawValue)", of: company)
            }
        } catch let error as DatabaseError
            where ["app_user_login_unique", "app_user_pkey"].contains(error.constraint)
        {
            throw StoreError.loginTaken(login)
        }
    }

    /// Changes what is given.
    public func changeUser(
        _ login: String, role: UserRole?, isEnabled: Bool?, address: NewAddress?, of company: CompanyID
    ) throws {
        try connection.transaction {
            if let address { try addAddress(address, to: company) }
            let changed = try connection.query(
                """
                UPDATE lever.app_user SET role = coalesce($3, role), address_id = coalesce($4, address_id),
                    disabled_at = CASE $5 WHEN 'yes' THEN NULL WHEN 'no' THEN coalesce(disabled_at, now())
                        ELSE disabled_at END
                WHERE company_id = $1 AND login = $2 RETURNING role, disabled_at IS NULL
                """,
                .bigint(company.rawValue), .text(login), .text(role?.rawValue),
                .uuid(address?.profile.binding.entry), .text(isEnabled.map { $0 ? "yes" : "no" }))
            guard let row = changed.first else { throw StoreError.unknownUser(login) }
            if address != nil {
                try connection.query(
                    """
                    DELETE FROM lever.address AS a WHERE company_id = $1
                        AND NOT EXISTS (
                            SELECT FROM lever.app_user AS u
                            WHERE u.company_id = a.company_id AND u.address_id = a.entry_id)
                        AND NOT EXISTS (
                            SELECT FROM lever.never_log AS n
                            WHERE n.company_id = a.company_id AND n.address_id = a.entry_id)
                    """,
                    .bigint(company.rawValue))
            }
            try audit("user", "\(login): \(row.text(0))\(row.boolean(1) ? "" : ", disabled")", of: company)
        }
    }

    /// Throws `StoreError` unless the login exists, has the group role, and is bound by row-level security.
    private func require(_ login: String, toBeMemberOf role: String) throws {
        let rows = try connection.query(
            """
            SELECT rolcanlogin, rolsuper OR rolbypassrls OR pg_has_role(oid, 'lever_owner', 'MEMBER'),
                pg_has_role(oid, $2, 'MEMBER')
            FROM pg_roles WHERE rolname = $1
            """,
            .text(login), .text(role))
        guard let row = rows.first, row.boolean(0) else { throw StoreError.noLogin(login, role: role) }
        guard !row.boolean(1) else { throw StoreError.privilegedLogin(login) }
        guard row.boolean(2) else { throw StoreError.noLogin(login, role: role) }
    }

    // MARK: Logins that work for companies

    /// The roles of which logins are given access to a company.
    public static let serviceRoles = ["lever_rekey", "lever_retention", "lever_auditor", "lever_operator"]

    /// What the login's database roles let it do, it may do for this company from now on.
    public func grantAccess(_ login: String, to company: CompanyID) throws {
        guard Self.serviceRoles.contains(where: { (try? require(login, toBeMemberOf: $0)) != nil }) else {
            throw StoreError.noLogin(login, role: Self.serviceRoles.joined(separator: ", "))
        }
        try connection.transaction {
            try connection.query(
                "INSERT INTO lever.access_grant (company_id, login) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                .bigint(company.rawValue), .text(login))
            try audit("access", "\(login): granted", of: company)
        }
    }

    public func revokeAccess(_ login: String, to company: CompanyID) throws {
        try connection.transaction {
            let revoked = try connection.query(
                "DELETE FROM lever.access_grant WHERE company_id = $1 AND login = $2 RETURNING login",
                .bigint(company.rawValue), .text(login))
            guard !revoked.isEmpty else { throw StoreError.unknownUser(login) }
            try audit("access", "\(login): revoked", of: company)
        }
    }
}
