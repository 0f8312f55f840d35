import CLibpq
public import Core

/// A look at a database through one of the product's logins: what this login is, what the server is, and whether both
/// are right. Its session is read-only. For one thread.
public final class DatabaseInspection {
    private let connection: Connection

    /// Seconds that each server may take to let the login in, and each query.
    private static let limit = 3

    /// A server that hangs is given up within seconds, whatever the connection string says.
    public init(_ conninfo: String) throws(DatabaseError) {
        connection = try Connection(
            conninfo: conninfo, application: "leverctl check", timeout: Double(Self.limit), connectTimeout: Self.limit)
        try connection.execute("SET default_transaction_read_only = on; SET statement_timeout = '\(Self.limit)s'")
    }

    // MARK: The way

    /// How the server is reached.
    public struct Transport: Hashable, Sendable {
        /// A directory for a unix socket.
        public let host: String
        /// Nil for a unix socket.
        public let address: String?
        public let isEncrypted: Bool
        public let sslmode: String

        public init(host: String, address: String?, isEncrypted: Bool, sslmode: String) {
            self.host = host
            self.address = address
            self.isEncrypted = isEncrypted
            self.sslmode = sslmode
        }
    }

    public var transport: Transport { connection.transport }

    // MARK: The login

    public struct Login: Hashable, Sendable {
        public let name: String
        public let isSuperuser: Bool
        /// May make roles or databases, or copy the cluster.
        public let isPrivileged: Bool
        /// No row-level security binds it.
        public let bypassesRowSecurity: Bool
        public let ownsDatabase: Bool
        /// Roles of ours that it is a member of, directly or not.
        public let groups: [String]
        /// PostgreSQL's own roles that it is a member of, such as pg_read_all_data.
        public let powers: [String]
    }

    public func login() throws(DatabaseError) -> Login {
        let row = try connection.query(
            """
            SELECT r.rolname::text, r.rolsuper, r.rolcreaterole OR r.rolcreatedb OR r.rolreplication, r.rolbypassrls,
                pg_has_role(r.oid, d.datdba, 'MEMBER'),
                array(SELECT g.rolname::text FROM pg_roles AS g WHERE g.rolname ~ '^lever_' AND NOT g.rolcanlogin
                    AND pg_has_role(r.oid, g.oid, 'MEMBER') ORDER BY 1),
                array(SELECT g.rolname::text FROM pg_roles AS g WHERE g.rolname ~ '^pg_'
                    AND g.rolname <> 'pg_database_owner' AND pg_has_role(r.oid, g.oid, 'MEMBER') ORDER BY 1)
            FROM pg_roles AS r, pg_database AS d
            WHERE r.rolname = session_user AND d.datname = current_database()
            """)[0]
        func names(_ column: Int32) -> [String] { row.array(column).map { String(decoding: $0, as: UTF8.self) } }
        return Login(
            name: row.text(0), isSuperuser: row.boolean(1), isPrivileged: row.boolean(2),
            bypassesRowSecurity: row.boolean(3), ownsDatabase: row.boolean(4), groups: names(5), powers: names(6))
    }

    /// Works as a group role from here on, as leverctl does. Throws `StoreError` if it may not.
    public func assume(_ role: String) throws { try connection.assume(role) }

    // MARK: The server

    public struct Server: Hashable, Sendable {
        /// As the server counts: 150004 is 15.4.
        public let version: Int
        /// Settings, by name, as this session has them.
        public let settings: [String: String]
        /// Milliseconds that the server's clock is ahead of this host's, and how far that may be wrong.
        public let clockAhead: Int
        public let clockUncertainty: Int
    }

    public func server() throws(DatabaseError) -> Server {
        let names = ["fsync", "full_page_writes", "synchronous_commit"]
        let row = try connection.query(
            "SELECT current_setting('server_version_num')::bigint, "
                + names.map { "current_setting('\($0)')" }.joined(separator: ", "))[0]
        let before = Timestamp.now().milliseconds
        let now = try connection.query("SELECT clock_timestamp()")[0].timestamp(0).milliseconds
        let after = Timestamp.now().milliseconds
        return Server(
            version: Int(row.bigint(0)),
            settings: Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, row.text(Int32($0 + 1))) }),
            clockAhead: Int(now - (before + after) / 2), clockUncertainty: Int((after - before) / 2 + 1))
    }

    // MARK: What is ours

    /// The schema's version, beside that of this program. Throws `StoreError.notInstalled`; nil where this login may not
    /// know, as of a schema before version 10.
    public func schemaVersion() throws -> Int? {
        do {
            return try Schema.version(in: connection)
        } catch let error as DatabaseError where error.sqlState == "42501" {
            return nil
        }
    }

    /// As lever_ingest: what mail hosts know.
    public func routing() throws(DatabaseError) -> [Routing.Row] { try connection.routing() }

    /// As lever_owner, lever_reader or lever_auditor: the keys that mail hosts sign with.
    public func hostKeys() throws(DatabaseError) -> [(host: String, key: MailHostRecord.Key)] {
        try HostKeys.all(connection)
    }

    /// As lever_owner: the mail hosts, in the order of names.
    public func mailHosts() throws -> [MailHostRecord] { try OwnerSession(connection).mailHosts() }

    /// A company with its keys.
    public struct CompanyKeys: Sendable {
        public let company: CompanyRecord
        public let sealing: [StoredSealingKey]
        public let secrets: [StoredSecret]
    }

    /// As lever_owner: every company.
    public func companies() throws -> [CompanyKeys] {
        let administration = OwnerSession(connection)
        return try administration.companies().map { company in
            CompanyKeys(
                company: company, sealing: try administration.sealingKeys(of: company.id),
                secrets: try administration.secrets(of: company.id))
        }
    }
}

extension Connection {
    fileprivate var transport: DatabaseInspection.Transport {
        func text(_ value: UnsafePointer<CChar>?) -> String { value.map { String(cString: $0) } ?? "" }
        let host = text(PQhost(handle))
        let address = text(PQhostaddr(handle))
        var sslmode = ""
        if let options = PQconninfo(handle) {
            defer { PQconninfoFree(options) }
            for option in sequence(first: options, next: { $0 + 1 }) {
                guard let keyword = option.pointee.keyword else { break }
                if text(keyword) == "sslmode" { sslmode = text(option.pointee.val) }
            }
        }
        return DatabaseInspection.Transport(
            host: host, address: host.hasPrefix("/") || host.hasPrefix("@") || address.isEmpty ? nil : address,
            isEncrypted: PQsslInUse(handle) == 1, sslmode: sslmode)
    }
}
