import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// A mail host whose password and signing key come from the service manager, with the modes that systemd 257 gives
    /// them, and whose database asks for the password.
    @Suite struct Credentials {
        private let host: MailHost
        private let directory: TemporaryDirectory
        private let login: String

        private var given: String { directory.file("given") }
        private var database: String { host.postgres.connectionString(database: MailHost.database, user: login) }

        init() throws {
            host = try MailHost.shared.get()
            directory = try TemporaryDirectory("credentials")
            login = "guarded_\(UInt32.random(in: 0...UInt32.max))"
            try host.postgres.createLogin(login, password: "correct horse", in: "lever_ingest")
            try directory.makeDirectory("given")
            try host.ctl.check("host", "add", login, "--signing-key", directory.file("given/lever-milter.signing-key"))
            try directory.write("given/lever-milter.pgpass", "127.0.0.1:*:*:\(login):correct horse\n")
            try Command.check(["sh", "-c", "chmod 0440 \"$1\"/*", "sh", given])
        }

        private var settings: String {
            """
            database: \(database)
            host_name: \(login)
            signing_key: credential:lever-milter.signing-key
            """
        }

        private func daemon() throws -> OwnDaemon {
            try OwnDaemon(settings, under: ["env", "CREDENTIALS_DIRECTORY=\(given)"])
        }

        /// Otherwise other suites, and rotations, would wait for this host.
        private func forget(_ daemon: OwnDaemon) throws {
            try daemon.current.terminate()
            try host.query("DELETE FROM lever.mail_host WHERE host = '\(login)'")
        }

        private func leverctl(_ arguments: String..., configuration: String) throws -> Command {
            try Command.run(
                [Products.path("leverctl")] + arguments,
                environment: ["LEVER_CONFIG": configuration, "CREDENTIALS_DIRECTORY": given])
        }

        @Test func `the daemon connects with a password file of mode 0440, again after the connection is lost`() async throws
        {
            let daemon = try daemon()
            defer { #expect(throws: Never.self) { try forget(daemon) } }
            _ = try await daemon.current.line(with: "started", "routing=database")
            func backends() throws -> String {
                try host.query("SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE usename = '\(login)'")
            }
            let first = try await waitFor("the connection") { try backends().isEmpty ? nil : backends() }
            try host.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(login)'")
            try await waitUntil("another connection") { try !backends().isEmpty && backends() != first }
            let open = try Command.check(["ls", "-l", "/proc/\(daemon.current.pid)/fd"])
            #expect(!open.contains("memfd"))
            #expect(try !daemon.log().joined().contains("correct horse"))
        }

        @Test func `check judges no mode of a credential, and check and replay use the password`() throws {
            let daemon = try daemon()
            defer { #expect(throws: Never.self) { try forget(daemon) } }
            let configuration = daemon.directory.file("lever-milter.yaml")
            let check = try leverctl(
                "check", "--only", "configuration", "--only", "database", "--json", configuration: configuration)
            let report: LeverCtlJSON.CheckReport = try LeverCtl.decode(check.output)
            func finding(_ id: String) -> LeverCtlJSON.CheckReport.Finding? { report.findings.first { $0.id == id } }
            #expect(finding("configuration.signing_key")?.status == "ok")
            #expect(finding("configuration.signing_key_mode")?.status == "ok")
            #expect(finding("database.reachable")?.status == "ok")
            #expect(finding("database.login")?.status == "ok")

            let message = try directory.write("message.eml", "From: a@b.example\nSubject: x\n\nx\n")
            let replay = try leverctl(
                "replay", message, "--company", "acme.example", "--dry-run", configuration: configuration)
            #expect(replay.status == 0, "\(replay.errors)")
        }

        @Test func `a password file elsewhere that others can read is refused, with what to do`() throws {
            let path = try directory.write("pgpass", "127.0.0.1:*:*:\(login):correct horse\n", mode: 0o640)
            let error = #expect(throws: HarnessError.self) {
                _ = try OwnDaemon("database: \(database) passfile=\(path)")
            }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("libpq ignores \(path)") && text.contains("chmod 600 \(path)"), "\(text)")
            #expect(!text.contains("correct horse"))
        }
    }
}
