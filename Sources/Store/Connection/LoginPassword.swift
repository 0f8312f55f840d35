import CLibpq

/// Passwords of database logins.
public enum LoginPassword {
    /// A new password: 32 letters and digits, 190 bits.
    public static func generate() -> String {
        let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<32).map { _ in characters.randomElement()! })
    }

    /// What the server stores of a password, for `CREATE ROLE … PASSWORD`: a SCRAM-SHA-256 verifier (RFC 5803), so that
    /// the password itself is in no statement, file or log of the server.
    public static func verifier(of password: String) throws(DatabaseError) -> String {
        // libpq asks no server if it is told the form; but it wants a connection, which may be one that failed.
        let connection = PQconnectdb("host=/nonexistent")
        defer { PQfinish(connection) }
        guard let verifier = PQencryptPasswordConn(connection, password, "", "scram-sha-256") else {
            throw DatabaseError(message: "libpq cannot make a password's verifier")
        }
        defer { PQfreemem(verifier) }
        return String(cString: verifier)
    }
}
