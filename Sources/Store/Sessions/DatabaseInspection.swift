public import Core

/// Examines a server and a login of the product, for `leverctl check`. The session is read-only. For one thread.
///
/// Not a session of a role: it works as the login itself until told to assume a role, since the login is what is
/// checked.
public final class DatabaseInspection {
    let connection: Connection

    /// Seconds that each server may take to accept the login, and each query to return.
    private static let limit = 3

    /// Abandons a server that hangs within seconds, whatever the connection string says. `isMailHost`: the login is that
    /// of a mail host.
    public init(_ conninfo: String, isMailHost: Bool = false) throws(DatabaseError) {
        connection = try Connection(
            conninfo: conninfo, application: "leverctl check", timeout: Double(Self.limit), connectTimeout: Self.limit,
            isMailHost: isMailHost)
        try connection.execute("SET default_transaction_read_only = on; SET statement_timeout = '\(Self.limit)s'")
    }

    // MARK: The login

    public struct Login: Hashable, Sendable {
        public let name: String
        public let isSuperuser: Bool
        /// May create roles or databases, or replicate the cluster.
        public let isPrivileged: Bool
        /// It is not subject to row-level security.
        public let bypassesRowSecurity: Bool
        public let ownsDatabase: Bool
        /// The product's group roles that it is a member of, directly or not, however little that lets it do: the login
        /// that created them is one.
        public let groups: [String]
        /// Those whose privileges it has without a change of role, as the daemon works.
        public let inheritedGroups: [String]
        /// Those that it can change its role to, as leverctl works.
        public let assumableGroups: [String]
        /// PostgreSQL's own roles that it is a member of, such as pg_read_all_data.
        public let powers: [String]
    }

    public func login() throws(DatabaseError) -> Login {
        // Each of the three is apart from the others since PostgreSQL 16: GRANT … WITH INHERIT, SET, ADMIN.
        let row = try connection.query(
            """
            WITH groups AS (SELECT g.oid, g.rolname::text FROM pg_roles AS g
                WHERE g.rolname ~ '^lever_' AND NOT g.rolcanlogin)
            SELECT r.rolname::text AS name, r.rolsuper, r.rolbypassrls,
                r.rolcreaterole OR r.rolcreatedb OR r.rolreplication AS is_privileged,
                pg_has_role(r.oid, d.datdba, 'MEMBER') AS owns_database,
                array(SELECT g.rolname FROM groups AS g WHERE pg_has_role(r.oid, g.oid, 'MEMBER') ORDER BY 1) AS groups,
                array(SELECT g.rolname FROM groups AS g WHERE pg_has_role(r.oid, g.oid, 'USAGE') ORDER BY 1) AS inherited,
                array(SELECT g.rolname FROM groups AS g WHERE pg_has_role(r.oid, g.oid,
                    CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END)
                    ORDER BY 1) AS assumable,
                array(SELECT g.rolname::text FROM pg_roles AS g WHERE g.rolname ~ '^pg_'
                    AND g.rolname <> 'pg_database_owner' AND pg_has_role(r.oid, g.oid, 'MEMBER') ORDER BY 1) AS powers
            FROM pg_roles AS r, pg_database AS d
            WHERE r.rolname = session_user AND d.datname = current_database()
            """
        ).single
        return Login(
            name: row["name"], isSuperuser: row["rolsuper"], isPrivileged: row["is_privileged"],
            bypassesRowSecurity: row["rolbypassrls"], ownsDatabase: row["owns_database"], groups: row["groups"],
            inheritedGroups: row["inherited"], assumableGroups: row["assumable"], powers: row["powers"])
    }

    /// Works as a group role from here on, as leverctl does. Throws `StoreError` if the login may not.
    public func assume(_ role: String) throws { try connection.assume(role) }

    // MARK: The server

    public struct Server: Hashable, Sendable {
        /// As server_version_num: 150004 is 15.4.
        public let version: Int
        /// Settings of this session, by name.
        public let settings: [String: String]
        /// Milliseconds that the server's clock is ahead of this host's, and the possible error of that.
        public let clockAhead: Int
        public let clockUncertainty: Int
    }

    public func server() throws(DatabaseError) -> Server {
        let (version, fsync, fullPageWrites, synchronousCommit) = try connection.query(
            """
            SELECT current_setting('server_version_num')::bigint, current_setting('fsync'),
                current_setting('full_page_writes'), current_setting('synchronous_commit')
            """
        ).single.decode((Int, String, String, String).self)
        let before = Timestamp.now().milliseconds
        let now = try connection.query("SELECT clock_timestamp()").single.decode(Timestamp.self).milliseconds
        let after = Timestamp.now().milliseconds
        return Server(
            version: version,
            settings: [
                "fsync": fsync, "full_page_writes": fullPageWrites, "synchronous_commit": synchronousCommit,
            ],
            clockAhead: Int(now - (before + after) / 2), clockUncertainty: Int((after - before) / 2 + 1))
    }

    // MARK: The product's schema

    /// The schema's version. Throws `StoreError.notInstalled`; nil if this login may not read it.
    public func schemaVersion() throws -> Int? {
        do {
            return try Schema.version(in: connection)
        } catch let error as DatabaseError where error.sqlState == "42501" {
            return nil
        }
    }

    /// As lever_ingest: the routing that mail hosts get.
    public func routing() throws(DatabaseError) -> [Routing.Row] { try connection.routing() }

    /// As lever_owner, lever_reader or lever_auditor: the keys that mail hosts sign with.
    public func hostKeys() throws(DatabaseError) -> [(host: String, key: MailHostRecord.Key)] {
        try MailHostRecord.Key.all(connection)
    }

    /// As lever_owner: the mail hosts, sorted by name.
    public func mailHosts() throws -> [MailHostRecord] { try MailHostRecord.all(connection) }

    /// A company with its keys.
    public struct CompanyKeys: Sendable {
        public let company: CompanyRecord
        public let sealing: [StoredSealingKey]
        public let secrets: [StoredSecret]
    }

    /// As lever_owner: every company.
    public func companies() throws -> [CompanyKeys] {
        try CompanyRecord.all(connection).map { company in
            CompanyKeys(
                company: company, sealing: try StoredSealingKey.all(of: company.id, connection),
                secrets: try StoredSecret.all(of: company.id, connection))
        }
    }
}
