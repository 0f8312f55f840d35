import ArgumentParser
import Core
import Setup

/// Where the database is, and as whom to log in.
struct DatabaseAccessOptions: ParsableArguments {
    @Option(help: "The database server's name, as its certificate has it.")
    var server: String

    @Option(help: "Its port.")
    var port: UInt16 = 5432

    @Option(help: "The database.")
    var database = "lever"

    @Option(help: "The database login.")
    var login: String

    @Option(
        help: ArgumentHelp(
            "The login's password file, as setup database wrote it, or a file with the password alone.",
            valueName: "file"), completion: .file())
    var passfile: String

    @Option(
        help: ArgumentHelp(
            "The certificate (PEM) of the authority that signed the server's; else the system's authorities.",
            valueName: "file"), completion: .file())
    var caFile: String?

    func validate() throws {
        guard !server.isEmpty, server.printable() == server, !server.contains(" ") else {
            throw ValidationError("'\(server.printable())' is not a server's name.")
        }
    }

    func access(as role: DatabaseLogin.Role) throws -> DatabaseAccess {
        DatabaseAccess(
            server: server, port: Int(port), database: database, login: try databaseLogin(login, role),
            password: try text(passfile), authority: try caFile.map(text))
    }
}

/// Throws for what is no name of a login.
func databaseLogin(_ name: String, _ role: DatabaseLogin.Role) throws -> DatabaseLogin {
    guard let login = DatabaseLogin(name, role) else {
        throw ValidationError(
            "'\(name.printable())' is no name for a login: 1 to 63 of a to z, 0 to 9, '_', '-' and '.'.")
    }
    return login
}

/// A small file as text.
func text(_ path: String) throws -> String { String(decoding: try readFile(path, limit: 1 << 16), as: UTF8.self) }
