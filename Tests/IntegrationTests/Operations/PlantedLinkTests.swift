import Foundation
import Glibc
import TestSupport
import Testing

extension IntegrationTests {
    /// What root's commands do in a spool in which the daemon's user, or who has taken over the daemon, put links.
    @Suite struct PlantedLinks {
        private static let secret = "root:topsecret"

        private let directory: TemporaryDirectory
        private let ctl: LeverCtl
        private var spool: String { directory.file("spool") }

        init() throws {
            try #require(geteuid() == 0, "run the tests as root")
            directory = try TemporaryDirectory("planted")
            try directory.makeDirectory("spool", mode: 0o700, owner: "nobody")
            for area in ["tmp", "new", "redeliver", "delivered", "quarantine"] {
                try directory.makeDirectory("spool/\(area)", mode: 0o700, owner: "nobody")
            }
            try directory.write("secret", "\(Self.secret)\n", mode: 0o600)
            try directory.makeDirectory("vault", mode: 0o700)
            try directory.write("vault/treasure", "\(Self.secret)\n", mode: 0o600)
            try directory.write("mail.eml", "From: a@home.example\n\nx\n")
            let configuration = try directory.write(
                "lever-milter.yaml",
                """
                socket: unix:\(directory.file("sock"))
                database: host=127.0.0.1 port=1 dbname=lever
                spool: \(directory.file("spool"))
                database_timeout: 1
                """)
            ctl = LeverCtl(configuration: configuration)
        }

        private func link(_ name: String, to target: String) throws {
            unlink("\(spool)/\(name)")
            rmdir("\(spool)/\(name)")
            try #require(symlink(target, "\(spool)/\(name)") == 0, "\(name)")
        }

        private static let commands = [
            ["queue", "list"], ["queue", "list", "--delivered"], ["queue", "list", "--json"],
            ["queue", "show", "a", "b", "c", "h", "treasure"], ["queue", "quarantine", "a", "c", "h", "treasure"],
            ["queue", "release", "b", "ALL"], ["queue", "release", "ALL"], ["queue", "flush"],
            ["queue", "delete", "treasure", "--confirm", "treasure"], ["queue", "quarantine", "ALL"],
            ["trace", "4XyZ1k2J"], ["trace", "4XyZ1k2J", "--json"], ["check", "--only", "spool", "--verbose"],
            ["check", "--only", "spool", "--json"],
        ]

        /// Each ends, and shows, changes and removes nothing that is root's.
        private func runAll() throws {
            let file = [
                "trace", "--file", directory.file("mail.eml"), "--envelope-from", "a@home.example", "--envelope-to",
                "b@acme.example",
            ]
            for arguments in Self.commands + [file] {
                let command = try ctl.run(arguments, timeout: 60)
                #expect(!(command.text + command.errors).contains("topsecret"), "\(arguments)")
                #expect(
                    command.status < 64 || arguments[0] == "trace", "\(arguments): \(command.status) \(command.errors)")
            }
            for name in ["secret", "vault/treasure"] {
                #expect(try String(contentsOfFile: directory.file(name), encoding: .utf8) == "\(Self.secret)\n")
                var status = stat()
                #expect(
                    lstat(directory.file(name), &status) == 0 && status.st_uid == 0 && status.st_mode & 0o777 == 0o600)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("vault")) == ["treasure"])
        }

        @Test func `links and FIFOs in the place of messages are not followed, and nobody waits for them`() throws {
            try link("new/a", to: directory.file("secret"))
            try link("quarantine/b", to: directory.file("secret"))
            try link("quarantine/b.reason", to: directory.file("secret"))
            try link("delivered/d", to: "/dev/zero")
            try #require(mkfifo("\(spool)/new/c", 0o666) == 0 && mkfifo("\(spool)/quarantine/c.reason", 0o666) == 0)
            try #require(Glibc.link(directory.file("secret"), "\(spool)/new/h") == 0)
            try runAll()
        }

        @Test(arguments: ["secret", "/dev/zero", "fifo"])
        func `links in the place of the spool's own files are not followed`(_ target: String) throws {
            try #require(mkfifo(directory.file("fifo"), 0o666) == 0)
            for name in ["routing", "learned", "trigger", "lock"] {
                try link(name, to: target.hasPrefix("/") ? target : directory.file(target))
            }
            try runAll()
        }

        @Test(arguments: ["tmp", "new", "redeliver", "delivered", "quarantine"])
        func `a link in the place of a directory leads root nowhere, and the check names it`(_ area: String) throws {
            try link(area, to: directory.file("vault"))
            try runAll()
            let check = try ctl.run(["check", "--only", "spool"], timeout: 60)
            #expect(check.text.contains("spool/\(area) leads out of the spool"), "\(check.text)")
        }
    }
}
