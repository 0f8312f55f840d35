import Store

/// The files with which a PostgreSQL server becomes the database of an installation. They are made anywhere and carried
/// there; they hold no password but in each login's own file.
public struct DatabaseInstallation: Sendable {
    /// The server's name, which its certificate has and every connection string.
    public let host: String
    public let port: Int
    /// From where logins connect, as pg_hba.conf has them: `192.0.2.0/24`.
    public let networks: [String]
    public let database: String
    /// The administrator's first.
    public let logins: [DatabaseLogin]

    /// The administrator's login is `lever_admin`.
    public init(host: String, port: Int, networks: [String], database: String, logins: [DatabaseLogin]) {
        (self.host, self.port, self.networks, self.database) = (host, port, networks, database)
        self.logins = [DatabaseLogin("lever_admin", .administrator)!] + logins
    }

    private var administrator: DatabaseLogin { logins[0] }

    /// What a superuser runs first.
    func databaseSQL(verifier: String) -> String {
        """
        -- The database of lever-milter and its administrator's login, who need not be a superuser. Run it as the
        -- superuser: psql --set=ON_ERROR_STOP=1 --file=database.sql postgres
        -- What follows PASSWORD is a verifier of the password, from which nobody can log in.
        CREATE ROLE \(administrator.quoted) LOGIN CREATEROLE PASSWORD '\(verifier)';
        CREATE DATABASE "\(database)" OWNER \(administrator.quoted) TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
        \\connect "\(database)"
        -- What lets a login fill the disk.
        ALTER DATABASE "\(database)" SET temp_file_limit = '1GB';
        REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC;

        """
    }

    /// What the administrator runs once the schema, and with it the group roles, are there.
    func loginsSQL(verifiers: [String: String]) -> String {
        let roles = logins.dropFirst().map { login in
            "CREATE ROLE \(login.quoted) LOGIN IN ROLE \(login.role.group) PASSWORD '\(verifiers[login.name] ?? "")';\n"
        }
        return """
            -- The logins of mail hosts and people. Run it as \(administrator.name), after leverctl init-db.

            """ + roles.joined()
    }

    /// For /etc/postgresql/VERSION/main/conf.d.
    var serverSettings: String {
        """
        # lever-milter: other hosts connect to this server, with TLS.
        listen_addresses = '*'
        ssl = on
        ssl_cert_file = '\(Self.certificates)/server.crt'
        ssl_key_file = '\(Self.certificates)/server.key'
        password_encryption = scram-sha-256

        """
    }

    static let certificates = "/etc/postgresql/lever"

    /// Lines for pg_hba.conf. They match these logins in this database alone, so they take nothing from anybody.
    var accessLines: String {
        var lines =
            "# lever-milter: these logins, in this database, by TLS. Before the first line that begins with 'host'.\n"
        let groups = DatabaseLogin.Role.allCases.filter { role in logins.contains { $0.role == role } }
        for network in networks {
            for role in groups {
                let who = role == .administrator ? administrator.name : "+\(role.group)"
                lines += Self.columns("hostssl", database, who, network, "scram-sha-256")
            }
            // A later line for everybody would take them without TLS.
            lines += Self.columns("hostnossl", database, "all", network, "reject")
        }
        return lines
    }

    private static func columns(_ words: String...) -> String {
        let widths = [9, 8, 16, 18, 0]
        let cells = zip(words, widths).map { $0 + String(repeating: " ", count: max(1, $1 - $0.count)) }
        return cells.joined().trimmed + "\n"
    }

    /// A login's connection string, with files where they belong on its machine.
    public func conninfo(_ login: DatabaseLogin, authority: String, passfile: String?) -> String {
        let port = port == 5432 ? "" : " port=\(port)"
        let password = passfile.map { " passfile=\(conninfoValue($0))" } ?? ""
        return "host=\(host)\(port) dbname=\(database) user=\(login.name) sslmode=verify-full "
            + "sslrootcert=\(conninfoValue(authority))\(password)"
    }

    /// A line of a password file (libpq's form).
    func passfileLine(_ login: DatabaseLogin, _ password: String) -> String {
        "\(host):\(port):\(database):\(login.name):\(password)\n"
    }
}
