import Glibc
import Store
import TestSupport
import Testing

@testable import Setup

@Suite struct DatabaseInstallationTests {
    private let directory: TemporaryDirectory
    private let out: String
    private let console = FakeConsole()

    init() throws {
        directory = try TemporaryDirectory("setup")
        out = directory.file("lever-database")
    }

    private func installation(port: Int = 5432) -> DatabaseInstallation {
        DatabaseInstallation(
            host: "localhost", port: port, networks: ["127.0.0.1/32"], database: "lever",
            logins: [
                DatabaseLogin("mx1", .mailHost)!, DatabaseLogin("r.4711", .reader)!, DatabaseLogin("olga", .operator)!,
            ])
    }

    private func write(_ installation: DatabaseInstallation, force: Bool = false) throws {
        let files = WrittenFiles(machine: LocalMachine(), console: console, force: force)
        try DatabaseSetup(installation, directory: out, files: files).write(certificate: true)
    }

    private func mode(_ name: String) -> UInt32 {
        var status = stat()
        return stat("\(out)/\(name)", &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test func `each login gets in with its own password, by TLS alone, and to its own role`() throws {
        let port = Int(try Loopback.freePort())
        let installation = installation(port: port)
        try write(installation)

        // The server as an administrator would set it up: its own lines stay, and ours come before those of hosts.
        let server = try PostgresInstance()
        try Command.check(["cp", "\(out)/server.crt", "\(out)/server.key", server.dataDirectory])
        try Command.check(
            [
                "chown", "--reference=\(server.dataDirectory)", "\(server.dataDirectory)/server.crt",
                "\(server.dataDirectory)/server.key",
            ])
        let hba = "local all all trust\n" + String(decoding: try contents(of: "\(out)/pg_hba.conf"), as: UTF8.self)
        try Command.check(["tee", "\(server.dataDirectory)/pg_hba.conf"], input: Array(hba.utf8))
        let superuser = server.connectionString().replacing(
            "host=127.0.0.1", with: "host=\(try Self.socket(of: server))")
        try Command.check(["psql", superuser, "-qAtc", "ALTER SYSTEM SET ssl = on", "-c", "SELECT pg_reload_conf()"])
        try poll("TLS", timeout: 10) {
            try Command.check(["psql", superuser, "-Atc", "SHOW ssl"]) == "on\n" ? () : nil
        }

        try Command.check(["psql", "--set=ON_ERROR_STOP=1", "--file=\(out)/database.sql", superuser])
        func conninfo(_ login: DatabaseLogin) -> String {
            installation.conninfo(login, authority: "\(out)/db-ca.crt", passfile: "\(out)/\(login.name).pgpass")
                .replacing("port=\(port)", with: "port=\(server.port)")
        }
        for login in installation.logins {
            let file = "\(out)/\(login.name).pgpass"
            let text = String(decoding: try contents(of: file), as: UTF8.self)
            try Command.check(["tee", file], input: Array(text.replacing(":\(port):", with: ":\(server.port):").utf8))
        }
        _ = try Schema.install(conninfo(installation.logins[0]))
        try Command.check(
            ["psql", "--set=ON_ERROR_STOP=1", "--file=\(out)/logins.sql", conninfo(installation.logins[0])])

        for login in installation.logins {
            let found = try DatabaseInspection(conninfo(login)).login()
            #expect(found.name == login.name && found.groups.contains(login.role.group))
            #expect(!found.isSuperuser && (found.groups.count == 1 || login.role == .administrator))
            let plain = conninfo(login).replacing("sslmode=verify-full", with: "sslmode=disable")
            #expect(throws: DatabaseError.self) { try DatabaseInspection(plain) }
        }
    }

    private static func socket(of server: PostgresInstance) throws -> String {
        String(server.dataDirectory.dropLast("data".count)) + "socket"
    }

    @Test func `secrets are the owner's alone, and no file but a login's own has its password`() throws {
        try write(installation())
        for name in ["mx1.pgpass", "lever_admin.pgpass", "database.sql", "logins.sql", "server.key", "db-ca.key"] {
            #expect(mode(name) == 0o600, "\(name)")
        }
        let passwords = try installation().logins.map { login in
            String(decoding: try contents(of: "\(out)/\(login.name).pgpass"), as: UTF8.self).split(separator: ":").last!
                .dropLast()
        }
        for name in ["database.sql", "logins.sql", "pg_hba.conf", "postgresql.conf"] {
            let text = String(decoding: try contents(of: "\(out)/\(name)"), as: UTF8.self)
            #expect(passwords.allSatisfy { !text.contains($0) }, "\(name)")
        }
        #expect(passwords.allSatisfy { !console.text.contains($0) })
    }

    @Test func `nothing that exists is written over, and with force a copy is kept`() throws {
        try write(installation())
        let before = try contents(of: "\(out)/mx1.pgpass")
        let error = #expect(throws: SetupError.self) { try write(installation()) }
        #expect(error?.description.contains("--force") == true)
        #expect(try contents(of: "\(out)/mx1.pgpass") == before)
        try write(installation(), force: true)
        #expect(try contents(of: "\(out)/mx1.pgpass.before") == before)
        #expect(try contents(of: "\(out)/mx1.pgpass") != before)
        try write(installation(), force: true)
        #expect(try contents(of: "\(out)/mx1.pgpass.before") == before, "the first copy stays")
    }

    @Test(arguments: ["", "Rita", "pg_x", "a b", "x\"y", "-x", String(repeating: "x", count: 64)])
    func `what is no name for a login is refused`(_ name: String) {
        #expect(DatabaseLogin(name, .reader) == nil)
    }
}
