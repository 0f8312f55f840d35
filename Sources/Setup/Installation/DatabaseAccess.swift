/// How a machine reaches the database: what its settings say, with files where they lie on that machine.
public struct DatabaseAccess: Sendable {
    public let server: String
    public let port: Int
    public let database: String
    public let login: DatabaseLogin
    /// The text of the login's password file, as `leverctl setup database` wrote it, or the password alone.
    public let password: String
    /// The text of the certificate of the authority that signed the server's; nil if the system's authorities did.
    public let authority: String?

    public init(
        server: String, port: Int, database: String, login: DatabaseLogin, password: String, authority: String?
    ) {
        (self.server, self.port, self.database) = (server, port, database)
        (self.login, self.password, self.authority) = (login, password, authority)
    }

    /// Those that Debian trusts. libpq 15 has no word for them.
    private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// A server on this machine needs no TLS.
    private var isLocal: Bool { server.hasPrefix("/") || ["localhost", "127.0.0.1", "::1"].contains(server) }

    /// `authority` and `passfile` are paths.
    func conninfo(authority: String?, passfile: String?) -> String {
        var words = ["host=\(conninfoValue(server))"]
        if port != 5432 { words.append("port=\(port)") }
        words += ["dbname=\(conninfoValue(database))", "user=\(login.name)"]
        if !isLocal {
            words += ["sslmode=verify-full", "sslrootcert=\(conninfoValue(authority ?? Self.systemAuthorities))"]
        }
        if let passfile { words.append("passfile=\(conninfoValue(passfile))") }
        return words.joined(separator: " ")
    }

    /// The line of a password file. Throws if the text has none for this login.
    func passfileLine() throws -> String {
        let lines = password.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") && !$0.isEmpty }
        let own = "\(server):\(port):\(database):\(login.name):"
        if let line = lines.first(where: { $0.hasPrefix(own) }) { return line + "\n" }
        guard lines.count == 1, !lines[0].contains(":") else {
            throw SetupError("the password file has no line that begins with \(own); is it the one of \(login.name)?")
        }
        return own + lines[0].replacing("\\", with: "\\\\") + "\n"
    }
}
