public import Core

extension OwnerSession {
    /// Sorted by login.
    public func users(of company: CompanyID) throws -> [User] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT u.login, u.role, u.disabled_at IS NULL AS is_enabled, u.added_at,
                u.send_granted_at IS NOT NULL AS may_send, u.read_granted_at IS NOT NULL AS may_read,
                a.head, a.tail, a.entry_id, a.bound_at
            FROM lever.app_user AS u
            JOIN lever.address AS a ON a.company_id = u.company_id AND a.entry_id = u.address_id
            WHERE u.company_id = \(company) ORDER BY u.login
            """
        ).map { row in
            User(
                login: row["login"], role: row["role"], isEnabled: row["is_enabled"], addedAt: row["added_at"],
                maySend: row["may_send"], mayRead: row["may_read"], address: SealedProfile(row, company: company))
        }
    }

    /// Adds a login as a user. It must be an ordinary member of lever_reader, and no company's user yet.
    public func addUser(_ login: String, role: UserRole, address: NewAddress, to company: CompanyID) throws {
        try require(login, toBeMemberOf: "lever_reader")
        do {
            try connection.transaction {
                try addAddress(address, to: company)
                try connection.query(
                    """
                    INSERT INTO lever.app_user (company_id, login, role, address_id)
                    VALUES (\(company), \(login), \(role), \(address.profile.binding.entry))
                    """)
                try audit("user", "\(login): \(role.rawValue)", of: company)
            }
        } catch let error as DatabaseError
            where ["app_user_login_unique", "app_user_pkey"].contains(error.constraint)
        {
            throw StoreError.loginTaken(login)
        }
    }

    /// Changes a user; nil leaves a setting as it is.
    public func changeUser(
        _ login: String, role: UserRole?, isEnabled: Bool?, address: NewAddress?, of company: CompanyID
    ) throws {
        let disabledAt: Query =
            switch isEnabled {
            case true: "NULL"
            case false: "coalesce(disabled_at, now())"
            case nil: "disabled_at"
            }
        try connection.transaction {
            if let address { try addAddress(address, to: company) }
            let changed = try connection.query(
                """
                UPDATE lever.app_user SET role = coalesce(\(role), role), disabled_at = \(disabledAt),
                    address_id = coalesce(\(address?.profile.binding.entry), address_id)
                WHERE company_id = \(company) AND login = \(login) RETURNING role, disabled_at IS NULL
                """)
            guard let (role, isEnabled) = changed.first?.decode((String, Bool).self) else {
                throw StoreError.unknownUser(login)
            }
            if address != nil { try deleteUnusedAddresses(of: company) }
            try audit("user", "\(login): \(role)\(isEnabled ? "" : ", disabled")", of: company)
        }
    }

    private func deleteUnusedAddresses(of company: CompanyID) throws {
        try connection.query(
            """
            DELETE FROM lever.address AS a WHERE company_id = \(company)
                AND NOT EXISTS (
                    SELECT FROM lever.app_user AS u WHERE u.company_id = a.company_id AND u.address_id = a.entry_id)
                AND NOT EXISTS (
                    SELECT FROM lever.never_log AS n WHERE n.company_id = a.company_id AND n.address_id = a.entry_id)
            """)
    }

    /// Throws `StoreError` unless the login exists, is a member of the group role, and is subject to row-level
    /// security.
    private func require(_ login: String, toBeMemberOf role: String) throws {
        let rows = try connection.query(
            """
            SELECT rolcanlogin, rolsuper OR rolbypassrls OR pg_has_role(oid, 'lever_owner', 'MEMBER'),
                pg_has_role(oid, \(role), 'MEMBER')
            FROM pg_roles WHERE rolname = \(login)
            """)
        guard let (isLogin, isPrivileged, isMember) = rows.first?.decode((Bool, Bool, Bool).self), isLogin else {
            throw StoreError.noLogin(login, role: role)
        }
        guard !isPrivileged else { throw StoreError.privilegedLogin(login) }
        guard isMember else { throw StoreError.noLogin(login, role: role) }
    }

    // MARK: Logins that work for companies

    /// The roles of logins that are given access to a company.
    public static let serviceRoles = ["lever_rekey", "lever_retention", "lever_auditor", "lever_operator"]

    /// Lets the login do for this company what its database roles allow.
    public func grantAccess(_ login: String, to company: CompanyID) throws {
        guard Self.serviceRoles.contains(where: { (try? require(login, toBeMemberOf: $0)) != nil }) else {
            throw StoreError.noLogin(login, role: Self.serviceRoles.joined(separator: ", "))
        }
        try connection.transaction {
            try connection.query(
                """
                INSERT INTO lever.access_grant (company_id, login) VALUES (\(company), \(login)) ON CONFLICT DO NOTHING
                """)
            try audit("access", "\(login): granted", of: company)
        }
    }

    public func revokeAccess(_ login: String, to company: CompanyID) throws {
        try connection.transaction {
            let revoked = try connection.query(
                "DELETE FROM lever.access_grant WHERE company_id = \(company) AND login = \(login) RETURNING login")
            guard !revoked.isEmpty else { throw StoreError.unknownUser(login) }
            try audit("access", "\(login): revoked", of: company)
        }
    }
}
