import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Where a private key is written, and where its passphrase comes from.
    @Suite
    struct PrivateKeys {
        private let host: MailHost
        private let company: String
        private let directory: TemporaryDirectory
        private let program = Products.path("leverctl")

        init() throws {
            host = try MailHost.shared.get()
            company = "Company \(Letter.unique())"
            directory = try TemporaryDirectory("keys")
            try host.ctl.check(
                "company", "add", company, "--domain", "\(Letter.unique()).example", "--provider", "google", "--sync",
                "limited")
        }

        @Test
        func
            `the key file is encrypted and its owner's alone; the database has the public half only`()
            throws
        {
            let path = directory.file("key.pem")
            let key: LeverCtlJSON.Key = try host.ctl.json(
                "key", "generate", "--company", company, "--private-key", path)
            let keys: [LeverCtlJSON.Key] = try host.ctl.json("key", "list", "--company", company)
            #expect(
                keys.first?.keyId == key.keyId && keys.first?.state == key.state && keys.count == 3,
                "a marker key and an index key as well")
            #expect(key.state == "primary")
            #expect(try host.ctl.text("key", "list", "--company", company).contains("\(key.keyId)  primary"))

            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            #expect(
                String(decoding: try contents(of: path), as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY"))
            let openssl = ["openssl", "pkey", "-in", path, "-passin", "pass:\(MailHost.passphrase)"]
            let text = try Command.check(openssl + ["-text", "-noout"])
            let hex = try #require(text.firstMatch(of: /priv:([0-9a-f:\s]+)pub:([0-9a-f:\s]+)/))
            let dump = try Command.check(["pg_dump", host.postgres.connectionString(database: MailHost.database)])
            #expect(dump.contains(hex.2.filter(\.isHexDigit)), "the public half is there")
            #expect(!dump.contains(hex.1.filter(\.isHexDigit)))

            let again = try host.ctl.run("key", "generate", "--company", company, "--private-key", path)
            #expect(again.status == 1 && again.errors.contains("exists and is not overwritten"))
        }

        @Test func `a passphrase from the first line of a file takes precedence over the environment`() throws {
            let path = directory.file("key.pem")
            let file = try directory.write("passphrase", "from a file of otters\nsecond line\n", mode: 0o600)
            try host.ctl.check(
                "key", "generate", "--company", company, "--private-key", path, "--passphrase-file", file)
            try Command.check(["openssl", "pkey", "-in", path, "-passin", "pass:from a file of otters", "-noout"])
            let empty = try directory.write("empty", "\n")
            let refused = try host.ctl.run(
                "key", "generate", "--company", company, "--private-key", directory.file("other.pem"),
                "--passphrase-file", empty)
            #expect(refused.status == 1 && refused.errors.contains("the passphrase is empty"))
            #expect(!FileManager.default.fileExists(atPath: directory.file("other.pem")))
        }

        @Test func `a passphrase is prompted for on the terminal, twice for a new key, and is not echoed`() throws {
            let path = directory.file("key.pem")
            let mistyped = try generate(path, typing: "typed by hand at dusk", "typed by band at dusk")
            #expect(try mistyped.exitStatus() == 1)
            #expect(mistyped.screen.contains("the two passphrases differ; try again"))
            #expect(!FileManager.default.fileExists(atPath: path))

            let terminal = try generate(path, typing: "typed by hand at dusk", "typed by hand at dusk")
            #expect(try terminal.exitStatus() == 0)
            #expect(!terminal.screen.contains("typed"))
            try Command.check(["openssl", "pkey", "-in", path, "-passin", "pass:typed by hand at dusk", "-noout"])

            let list = [program, "user", "list", "--company", company, "--private-key", path]
            let opening = try Terminal(list, environment: environment)
            try opening.expect("Passphrase of \(path): ")
            try opening.type("typed by hand at dusk")
            #expect(try opening.exitStatus() == 0)
        }

        @Test func `a weak passphrase for a new key is refused wherever it is from; the terminal asks again`() throws {
            let path = directory.file("key.pem")
            let file = try directory.write("passphrase", "\(company) \(company) 1", mode: 0o600)
            for (variables, option, expected) in [
                (["LEVER_PASSPHRASE": "too short"], [], "the passphrase has 9 characters, but"),
                (["LEVER_PASSPHRASE": "correct horse battery staple"], [], "the passphrase is mostly what is tried first"),
                ([:], ["--passphrase-file", file], "the passphrase is mostly what is tried first"),
            ] as [([String: String], [String], String)] {
                let refused = try Command.run(
                    [program, "key", "generate", "--company", company, "--private-key", path] + option,
                    environment: environment.merging(variables) { $1 })
                #expect(refused.status == 1 && refused.errors.contains(expected), "\(refused.errors)")
                #expect(!FileManager.default.fileExists(atPath: path))
            }
            let terminal = try Terminal(
                [program, "key", "generate", "--company", company, "--private-key", path], environment: environment)
            try terminal.expect("New passphrase for \(path): ")
            try terminal.type("too short")
            try terminal.expect("15 or more")
            try terminal.expect("New passphrase for \(path): ")
            try terminal.type("typed by hand at dusk")
            try terminal.expect("Once more: ")
            try terminal.type("typed by hand at dusk")
            #expect(try terminal.exitStatus() == 0)
        }

        /// In the keyring of the user who runs the tests.
        @Test func `a remembered passphrase opens its key file and no other at the path, until it is forgotten`() throws {
            let path = directory.file("key.pem")
            try host.ctl.check("key", "generate", "--company", company, "--private-key", path)
            let configuration = try directory.write(
                "keyring.yaml",
                try String(contentsOfFile: host.configuration, encoding: .utf8)
                    + "passphrase_store: keyring\nprivate_key: key.pem\ncompany: \(company)\n")
            let variables = ["LEVER_CONFIG": configuration]
            // Without a terminal, so that nothing is asked.
            func run(_ arguments: String..., passphrase: String? = nil) throws -> Command {
                try Command.run(
                    ["setsid", "--wait", program] + arguments,
                    environment: passphrase.map { variables.merging(["LEVER_PASSPHRASE": $0]) { $1 } } ?? variables)
            }
            #expect(try run("user", "list").errors.contains("no terminal to ask for the passphrase"))
            let wrong = try run("key", "remember", passphrase: "another otter entirely")
            #expect(wrong.status == 1 && wrong.errors.contains("wrong passphrase"))
            let remembered = try run("key", "remember", passphrase: MailHost.passphrase)
            #expect(remembered.text == "The passphrase of \(path) is remembered for 3600 seconds.\n")
            defer { _ = try? run("key", "forget") }
            #expect(try run("user", "list").status == 0)

            let pem = try contents(of: path)
            try directory.write("key.pem", pem + Array("\n".utf8), mode: 0o600)
            #expect(try run("user", "list").errors.contains("no terminal to ask for the passphrase"))
            try directory.write("key.pem", pem, mode: 0o600)

            #expect(try run("key", "forget").text == "The passphrase of \(path) is forgotten.\n")
            #expect(try run("key", "forget").text == "The passphrase of \(path) was not remembered.\n")
            #expect(try run("user", "list").status == 1)

            // What is typed is remembered too.
            let opening = try Terminal([program, "user", "list"], environment: variables)
            try opening.expect("Passphrase of \(path): ")
            try opening.type(MailHost.passphrase)
            #expect(try opening.exitStatus() == 0)
            #expect(try run("user", "list").status == 0)
            let none = try host.ctl.run("key", "remember", "--private-key", path)
            #expect(none.status == 1 && none.errors.contains("give --store desktop or --store keyring, or set"))
        }

        @Test func `Control-C at the prompt leaves nothing behind, and the terminal echoes again`() throws {
            let path = directory.file("key.pem")
            let shell =
                "\(program) key generate --company '\(company)' --private-key \(path); stty -a; echo status done"
            let terminal = try Terminal(["sh", "-c", shell], environment: environment)
            try terminal.expect("New passphrase for \(path): ")
            try terminal.type("half\u{3}")
            try terminal.expect("status done")
            #expect(try terminal.exitStatus() == 0)
            #expect(terminal.screen.contains("leverctl: interrupted"))
            #expect(terminal.screen.contains(/\sisig/) && terminal.screen.contains(/\secho\s/))
            #expect(!FileManager.default.fileExists(atPath: path))
        }

        @Test
        func
            `without a terminal, a file or the environment the error says where to put the passphrase`()
            throws
        {
            let generate = [
                program, "key", "generate", "--company", company, "--private-key", directory.file("key.pem"),
            ]
            let command = try Command.run(["setsid", "--wait"] + generate, environment: environment)
            #expect(command.status == 1)
            #expect(command.errors.contains("--passphrase-file or LEVER_PASSPHRASE"))
        }

        /// Answers both prompts for a new key.
        private func generate(_ path: String, typing first: String, _ second: String) throws -> Terminal {
            let terminal = try Terminal(
                [program, "key", "generate", "--company", company, "--private-key", path], environment: environment)
            try terminal.expect("New passphrase for \(path): ")
            try terminal.type(first)
            try terminal.expect("Once more: ")
            try terminal.type(second)
            return terminal
        }

        private var environment: [String: String] { ["LEVER_CONFIG": host.configuration] }
    }
}
