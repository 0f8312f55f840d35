import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// A user's mistakes: one line that says so, a failure status, and nothing lost.
    @Suite
    struct BadInput {
        @Test func `an unknown configuration key stops both programs, with its name and line`() throws {
            let directory = try TemporaryDirectory("badinput")
            let path = try directory.write("bad.yaml", "spool: \(directory.path)\nspoool: /nowhere\n")
            expectFailure(try daemon(path, ["--check"]), saying: "spoool", "bad.yaml:2:")
            expectFailure(try LeverCtl(configuration: path).run("queue", "list"), saying: "spoool")
        }

        @Test
        func `--check reports an invalid connection string or socket path without quoting a password`()
            throws
        {
            let directory = try TemporaryDirectory("badinput")
            func check(socket: String, database: String) throws -> Command {
                try daemon(in: directory, socket: socket, database: database, "--check")
            }
            let (socket, database) = ("unix:\(directory.file("sock"))", "host=127.0.0.1 dbname=lever")
            let good = try check(socket: socket, database: database)
            #expect(good.status == 0 && good.text.hasSuffix("daemon.yaml: ok\n"))
            let malformed = try check(socket: socket, database: "hots=127.0.0.1 password=hunter2")
            expectFailure(malformed, saying: "connection string is malformed")
            #expect(!malformed.errors.contains("hunter2"))
            let long = "unix:/" + String(repeating: "x", count: 200)
            expectFailure(try check(socket: long, database: database), saying: "longer than 107 bytes; shorten it")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["daemon.yaml"])
        }

        @Test
        func `a database on another host that is not verified is refused by both programs, unless the file allows it`()
            throws
        {
            let directory = try TemporaryDirectory("badinput")
            let socket = "unix:\(directory.file("sock"))"
            func check(_ database: String) throws -> Command {
                try daemon(in: directory, socket: socket, database: database, "--check")
            }
            expectFailure(
                try check("host=192.0.2.1 dbname=lever sslmode=require"), saying: "192.0.2.1", "sslmode=verify-full",
                "insecure_database")
            #expect(try check("host=192.0.2.1 dbname=lever sslmode=verify-full").status == 0)
            #expect(try check("host=192.0.2.1 dbname=lever\ninsecure_database: yes").status == 0)

            // Whichever key the command needs; and from the environment.
            let path = try directory.write(
                "ctl.yaml", "admin_database: host=127.0.0.1 port=1\nreader_database: host=db.example\n")
            expectFailure(
                try LeverCtl(configuration: path).run("company", "list"), saying: "'reader_database'", "db.example",
                "verify-full")
        }

        @Test func `without the schema, or with a login that is not a mail host's, the daemon says what to do`()
            throws
        {
            let host = try MailHost.shared.get()
            let directory = try TemporaryDirectory("badinput")
            let login = "login_\(Letter.unique())"
            try host.postgres.query("CREATE ROLE \(login) LOGIN")
            func start(database: String) throws -> Command {
                try daemon(
                    in: directory, database: host.postgres.connectionString(database: database, user: login))
            }
            expectFailure(try start(database: "postgres"), saying: "run leverctl init-db")
            expectFailure(try start(database: MailHost.database), saying: "GRANT lever_ingest TO login")
        }

        @Test func `a private key that is missing or does not open with the passphrase is reported`() throws {
            let host = try MailHost.shared.get()
            let timeline = { (ctl: LeverCtl, key: String) in
                try ctl.run(
                    "timeline", "--company", "Acme", "--candidate", "\(host.acme.candidate)", "--private-key", key)
            }
            expectFailure(try timeline(host.ctl, "/nowhere/acme.pem"), saying: "/nowhere/acme.pem")
            let wrong = LeverCtl(configuration: host.configuration, passphrase: "not the passphrase")
            expectFailure(try timeline(wrong, host.acme.privateKey), saying: "passphrase")
        }

        @Test func `an unknown company, a sync level its provider lacks and wrong usage are reported`()
            throws
        {
            let host = try MailHost.shared.get()
            expectFailure(try host.ctl.run("key", "list", "--company", "Nobody"), saying: "Nobody", "company list")
            expectFailure(
                try host.ctl.run(
                    "company", "add", "Local", "--domain", "local.example", "--provider", "exchange", "--sync",
                    "limited"),
                saying: "on-premise Exchange has no limited sync")
            #expect(try host.ctl.run("company", "add", "--no-such-option").status == 2)
        }

        @Test
        func `without a database server leverctl fails, and so does the daemon at its very first start`()
            throws
        {
            let directory = try TemporaryDirectory("badinput")
            let nobody = "host=127.0.0.1 port=\(try Loopback.freePort()) dbname=lever"
            let ctl = try directory.write("ctl.yaml", "admin_database: \(nobody)\n")
            expectFailure(try LeverCtl(configuration: ctl).run("company", "list"), saying: "check that PostgreSQL runs")
            expectFailure(try daemon(in: directory, database: nobody), saying: "first start needs the database")
        }

        @Test func `a socket or a spool that another daemon uses is refused`() throws {
            let host = try MailHost.shared.get()
            let directory = try TemporaryDirectory("badinput")
            let (socket, database) = ("inet:\(host.milterPort)@127.0.0.1", host.ingestDatabase)
            expectFailure(
                try daemon(in: directory, socket: socket, database: database), saying: "\(host.milterPort)",
                "stop the program that listens there")
            expectFailure(try daemon(in: directory, spool: host.spool, database: database), saying: host.spool)
        }

        /// Runs the daemon, which must exit by itself, with a configuration written to the directory.
        private func daemon(
            in directory: TemporaryDirectory, socket: String? = nil, spool: String? = nil, database: String,
            _ arguments: String...
        ) throws -> Command {
            let path = try directory.write(
                "daemon.yaml",
                MailHost.configuration(
                    socket: socket ?? "inet:\(try Loopback.freePort())@127.0.0.1",
                    spool: spool ?? directory.file("spool"), database: database))
            return try daemon(path, arguments)
        }

        private func daemon(_ configuration: String, _ arguments: [String]) throws -> Command {
            try Command.run([Products.path("lever-milter"), "--config", configuration] + arguments, timeout: 20)
        }

        /// One line, on standard error.
        private func expectFailure(
            _ command: Command, saying texts: String..., sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(command.status == 1, sourceLocation: sourceLocation)
            #expect(command.output.isEmpty, sourceLocation: sourceLocation)
            #expect(
                command.errors.split(separator: "\n").count == 1, "\(command.errors)", sourceLocation: sourceLocation)
            for text in texts {
                #expect(command.errors.contains(text), "\(command.errors)", sourceLocation: sourceLocation)
            }
        }
    }
}
