import Foundation
import Glibc
import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Check {
        private let host: CheckedHost

        init() throws { host = try CheckedHost.shared.get() }

        /// One fault, and how it is fixed; without `mend`, by following the advice.
        struct Wrong: CustomTestStringConvertible {
            let testDescription: String
            let ids: Set<String>
            let make: @Sendable (CheckedHost) throws -> Void
            let mend: (@Sendable (CheckedHost) throws -> Void)?

            init(
                _ name: String, _ ids: String..., make: @escaping @Sendable (CheckedHost) throws -> Void,
                mend: (@Sendable (CheckedHost) throws -> Void)? = nil
            ) {
                testDescription = name
                self.ids = Set(ids)
                self.make = make
                self.mend = mend
            }

            typealias Step = @Sendable (CheckedHost) throws -> Void

            static func shell(_ name: String, _ id: String, make: String, mend: String? = nil) -> Wrong {
                let step: Step? = mend.map { mend in { @Sendable host in try host.shell(mend) } }
                return Wrong(name, id, make: { try $0.shell(make) }, mend: step)
            }

            /// A line of main.cf.
            static func main(_ name: String, _ id: String, _ line: String, mend: String? = nil) -> Wrong {
                let step: Step? = mend.map { mend in { @Sendable host in try host.postconf("-e", mend) } }
                return Wrong(name, id, make: { try $0.postconf("-e", line) }, mend: step)
            }

            static func configured(_ name: String, _ id: String, _ lines: String) -> Wrong {
                Wrong(name, id, make: { try $0.configure(lines) }, mend: { try $0.configure() })
            }

            /// A tmpfs over an area of the spool.
            static func mounted(_ name: String, _ id: String, options: String) -> Wrong {
                Wrong(
                    name, id, "spool.file_system",
                    make: { host in
                        try Command.check([
                            "mount", "-t", "tmpfs", "-o", "mode=0700,\(options)", "lever-milter-test",
                            "\(host.spool)/delivered",
                        ])
                    }, mend: { try Command.check(["umount", "\($0.spool)/delivered"]) })
            }
        }

        @Test func `on a correct set-up all is well, and every check was run`() throws {
            let (report, _) = try host.check()
            #expect(report.problems.map { "\($0.id): \($0.text)" } == [])
            let unchecked = report.findings.filter { $0.status == "not_checked" }.map(\.id)
            #expect(unchecked == ["keys.rotation"], "an administrator's login alone sees it")
            let sections = Set(report.findings.map(\.section))
            let all = ["configuration", "daemon", "socket", "postfix", "database", "keys", "spool", "clock"]
            #expect(sections == Set(all))
            let access = try #require(report.findings.first { $0.id == "socket.access" })
            #expect(access.text == "user postfix connects from Postfix's chroot")
        }

        static let wrongs: [Wrong] = [
            // The configuration.
            .configured("a key that is not known", "configuration.file", "sokcet: inet:1@127.0.0.1"),
            .shell("a configuration that everybody writes", "configuration.mode", make: "chmod 0666 {configuration}"),
            Wrong(
                "a password that everybody reads", "configuration.password",
                make: {
                    try $0.configure(
                        "database: \($0.postgres.connectionString(database: "lever", user: "mx")) password=secret")
                }),
            .shell(
                "a signing key that everybody reads", "configuration.signing_key_mode", make: "chmod 0644 {signingKey}"),
            .shell(
                "a signing key that is gone", "configuration.signing_key", make: "mv {signingKey} {signingKey}.away",
                mend: "mv {signingKey}.away {signingKey}"),
            .shell(
                "a company's private key on the mail host", "configuration.private_keys",
                make: "cp {privateKey} $(dirname {configuration})/acme.pem",
                mend: "rm $(dirname {configuration})/acme.pem"),
            .configured(
                "kept messages that are less than one", "configuration.values", "done_limit: 1000000"),
            Wrong(
                "an administrator's login on the mail host", "database.admin_login",
                make: { try $0.configure("admin_database: \($0.postgres.connectionString(database: "lever"))") },
                mend: { try $0.configure() }),

            // The daemon.
            Wrong("no daemon", "daemon.running", make: { try $0.daemon.terminate() }, mend: { try $0.start() }),
            Wrong(
                "a daemon that hangs", "daemon.answers", "socket.access", make: { $0.daemon.send(SIGSTOP) },
                mend: { $0.daemon.send(SIGCONT) }),
            Wrong(
                "few descriptors", "daemon.descriptors",
                make: { try Command.check(["prlimit", "--pid", "\($0.daemon.pid)", "--nofile=200:200"]) },
                mend: { try $0.restart() }),
            Wrong(
                "a socket that was removed", "socket.exists", "daemon.answers", make: { try $0.shell("rm {socket}") },
                mend: { try $0.restart() }),

            // The socket.
            .shell("a socket of another group", "socket.access", make: "chgrp root {socket}"),
            .shell("a socket of mode 0600", "socket.access", make: "chmod 0600 {socket}"),
            .shell("a directory that Postfix may not enter", "socket.access", make: "chmod 2700 $(dirname {socket})"),
            .shell("a socket for everybody", "socket.mode", make: "chmod 0666 {socket}"),
            Wrong(
                "a path that does not count in the chroot", "socket.access",
                make: { host in
                    for parameter in ["smtpd_milters", "non_smtpd_milters"] {
                        try host.postconf("-e", "\(parameter) = unix:\(host.socket)")
                    }
                },
                mend: { host in
                    for parameter in ["smtpd_milters", "non_smtpd_milters"] {
                        try host.postconf("-e", "\(parameter) = \(CheckedHost.filter)")
                    }
                }),

            // Postfix.
            .main("no filter in smtpd_milters", "postfix.smtpd_milters", "smtpd_milters ="),
            .main("no filter in non_smtpd_milters", "postfix.non_smtpd_milters", "non_smtpd_milters ="),
            Wrong(
                "no filter at one service", "postfix.overrides",
                make: { try $0.postconf("-P", "127.0.0.1:\($0.postfix.port())/inet/smtpd_milters=") },
                mend: { try $0.postconf("-P", "-X", "127.0.0.1:\($0.postfix.port())/inet/smtpd_milters") }),
            .main(
                "default_action=accept", "postfix.default_action",
                "smtpd_milters = \(CheckedHost.filter.replacing("tempfail", with: "accept"))",
                mend: "smtpd_milters = \(CheckedHost.filter)"),
            .main(
                "a filter behind it", "postfix.order", "smtpd_milters = \(CheckedHost.filter), inet:127.0.0.1:9",
                mend: "smtpd_milters = inet:127.0.0.1:9, \(CheckedHost.filter)"),
            .main(
                "a time that is too short", "postfix.timeouts",
                "smtpd_milters = \(CheckedHost.filter.replacing("content_timeout=120s", with: "content_timeout=1s"))",
                mend: "smtpd_milters = \(CheckedHost.filter)"),
            .main("an old protocol", "postfix.protocol", "milter_protocol = 4"),
            .main("bare line feeds", "postfix.bare_newline", "smtpd_forbid_bare_newline = no"),
            .main(
                "larger mail than the filter takes", "postfix.message_size_limit", "message_size_limit = 27000001",
                mend: "message_size_limit = 27000000"),
            .main(
                "no_milters in main.cf", "postfix.no_milters", "receive_override_options = no_milters",
                mend: "receive_override_options ="),
            .main(
                "other filters for some clients", "postfix.milter_maps", "smtpd_milter_maps = static:DISABLE",
                mend: "smtpd_milter_maps ="),

            // The database and keys.
            Wrong(
                "a superuser's login", "database.login",
                make: { try $0.configure("database: \($0.postgres.connectionString(database: "lever"))") },
                mend: { try $0.configure() }),
            Wrong(
                "a login that may read too", "database.login", make: { try $0.query("GRANT lever_operator TO mx") },
                mend: { try $0.query("REVOKE lever_operator FROM mx") }),
            Wrong(
                "a login that is no mail host's", "database.login",
                make: { try $0.query("REVOKE lever_ingest FROM mx") },
                mend: { try $0.query("GRANT lever_ingest TO mx") }),
            Wrong(
                "an old schema", "database.schema",
                make: {
                    try $0.query(
                        """
                        CREATE TABLE public.newest AS SELECT * FROM lever.schema_version ORDER BY version DESC LIMIT 1;
                        DELETE FROM lever.schema_version AS v USING public.newest AS n WHERE v.version = n.version
                        """)
                },
                mend: {
                    try $0.query(
                        "INSERT INTO lever.schema_version SELECT * FROM public.newest; DROP TABLE public.newest")
                }),
            Wrong(
                "commits that do not wait for the disk", "database.durability",
                make: { try $0.query("ALTER ROLE mx SET synchronous_commit = off") },
                mend: { try $0.query("ALTER ROLE mx RESET synchronous_commit") }),
            Wrong(
                "no database", "database.reachable", make: { try $0.postgres.stop() }, mend: { try $0.postgres.start() }
            ),
            Wrong(
                "a database that hangs", "database.reachable", make: { try $0.postgres.suspend() },
                mend: { try $0.postgres.resume() }),
            Wrong(
                "no sealing key", "keys.sealing",
                make: { try $0.query("UPDATE lever.sealing_key SET state = 'retired'") },
                mend: { try $0.query("UPDATE lever.sealing_key SET state = 'primary'") }),
            Wrong(
                "a revoked signing key", "keys.signing",
                make: { try $0.query("UPDATE lever.host_key SET revoked_at = now()") },
                mend: { try $0.query("UPDATE lever.host_key SET revoked_at = NULL") }),
            .configured("another host's signing key", "keys.signing", "host_name: other.example"),

            // The spool.
            .shell("a spool that others look into", "spool.mode", make: "chmod 0755 {spool}/new"),
            .shell("a file of another user's", "spool.mode", make: "chown nobody {spool}/delivered"),
            .mounted("memory", "spool.file_system", options: "size=1g"),
            .mounted("a read-only disk", "spool.read_only", options: "ro,size=1g"),
            .mounted("no space", "spool.space", options: "size=16k"),
            .mounted("no inodes", "spool.inodes", options: "size=1g,nr_inodes=5"),
            .shell(
                "a message in quarantine", "spool.quarantine",
                make: "touch {spool}/quarantine/0198b2a4-0000-7000-8000-000000000000",
                mend: "rm {spool}/quarantine/*"),
            .shell(
                "what a crash left", "spool.leftovers", make: "touch -d '2 hours ago' {spool}/tmp/old",
                mend: "rm {spool}/tmp/old"),
            .shell(
                "no saved routing", "spool.routing", make: "mv {spool}/routing {spool}/.away",
                mend: "mv {spool}/.away {spool}/routing"),
        ]

        @Test(arguments: wrongs)
        func `every fault is found by its name, and following the advice fixes it`(_ wrong: Wrong) async throws {
            let host = host
            try wrong.make(host)
            var isMended = false
            defer { if !isMended { try? wrong.mend?(host) } }
            let clock = ContinuousClock()
            let start = clock.now
            let (report, status) = try host.check()
            #expect(clock.now - start < .seconds(25))
            #expect(Set(report.problems.map(\.id)) == wrong.ids, "\(report.problems)")
            #expect(status == (report.problems.contains { $0.status == "critical" } ? 2 : 1))
            for finding in report.problems { #expect(finding.do?.isEmpty == false, "\(finding.id)") }

            if let mend = wrong.mend {
                try mend(host)
            } else {
                for finding in report.problems { try host.follow(try #require(finding.do)) }
            }
            isMended = true
            try await waitUntil("all to be well again") { try host.check().report.problems.isEmpty }
        }

        @Test func `a socket outside Postfix's chroot is reported, with where it belongs`() throws {
            let directory = try TemporaryDirectory("outside")
            let socket = directory.file("milter.sock")
            let path = try directory.write(
                "daemon.yaml",
                String(decoding: try contents(of: host.configuration), as: UTF8.self)
                    .replacing("unix:\(host.socket)", with: "unix:\(socket)")
                    .replacing("spool: \(host.spool)", with: "spool: \(directory.file("spool"))"))
            let daemon = try DaemonProcess(configuration: path)
            defer { _ = try? daemon.terminate() }
            try Command.check(["chgrp", "postfix", socket])
            let line = "unix:\(socket)"
            for parameter in ["smtpd_milters", "non_smtpd_milters"] {
                try host.postconf("-e", "\(parameter) = \(line)")
            }
            defer {
                for parameter in ["smtpd_milters", "non_smtpd_milters"] {
                    try? host.postconf("-e", "\(parameter) = \(CheckedHost.filter)")
                }
            }
            let (report, status) = try host.check(as: LeverCtl(configuration: path))
            #expect(report.problems.map(\.id) == ["socket.access"], "\(report.problems)")
            #expect(
                report.problems.first?.do?.contains("\(host.postfix.queueDirectory)/lever-milter/milter.sock") == true)
            #expect(status == 2)
        }

        @Test
        func `on an administrator's machine it checks what is there: silent hosts, a stalled rotation`()
            throws
        {
            #expect(try host.check(as: host.admin).report.problems.isEmpty)
            let sections = Set(try host.check(as: host.admin).report.findings.map(\.section))
            #expect(sections.isDisjoint(with: ["daemon", "socket", "postfix", "spool"]))

            try host.query(
                """
                INSERT INTO lever.mail_host (host, generation, seen_at)
                VALUES ('silent.example', 1, now() - interval '1 day');
                INSERT INTO lever.company_secret (company_id, kind, version, secret, state, created_at)
                SELECT company_id, 'index', 2, decode(repeat('ab', 32), 'hex'), 'next', now() - interval '8 days'
                FROM lever.company
                """)
            defer {
                try? host.query(
                    """
                    DELETE FROM lever.mail_host WHERE host = 'silent.example';
                    DELETE FROM lever.company_secret WHERE version = 2
                    """)
            }
            let (report, status) = try host.check(as: host.admin)
            #expect(Set(report.problems.map(\.id)) == ["database.hosts", "keys.rotation"])
            #expect(report.problems.contains { $0.text.hasPrefix("silent.example was last heard from") })
            #expect(status == 1)
        }

        @Test
        func `as text: the state on the first line, findings and advice below; one section on request`()
            throws
        {
            let ctl = LeverCtl(configuration: host.configuration)
            let options = ["check", "--postfix-config", host.postfix.configuration]
            try host.shell("chmod 0666 {socket}")
            defer { try? host.shell("chmod 0660 {socket}") }
            let socket = try ctl.run(options + ["--only", "socket"], timeout: 60)
            #expect(socket.status == 1)
            let lines = socket.text.split(separator: "\n").map(String.init)
            #expect(lines.first == "lever-milter WARNING: 1 warning, 2 ok: socket.mode")
            #expect(lines.contains { $0.hasPrefix("  warning") && $0.contains("socket.mode") })
            #expect(lines.contains { $0.contains("do: chmod 0660 \(host.socket)") })
            #expect(!socket.text.contains("socket.exists"), "what is well shows on request alone")
            #expect(
                try ctl.run(options + ["--only", "socket", "--verbose"], timeout: 60).text.contains("socket.exists"))

            try host.shell("chmod 0660 {socket}")
            #expect(try ctl.run(options + ["--only", "socket"], timeout: 60).status == 0)
            let nowhere = try ctl.run("check", "--only", "postfix", "--postfix-config", "/nonexistent")
            #expect(nowhere.status == 2)
            #expect(nowhere.text.contains("postfix.setup"))
            let usage = try ctl.run("check", "--only", "everything")
            #expect(usage.status == 2)
            #expect(usage.text.isEmpty)
        }

        @Test func `the address of a passed listening socket is learned from the daemon`() throws {
            let daemon = try OwnDaemon()
            let ctl = LeverCtl(configuration: daemon.directory.file("lever-milter.yaml"))
            let command = try ctl.run("check", "--only", "daemon", "--verbose")
            #expect(
                command.text.contains("at inet:127.0.0.1:\(daemon.port), with milter protocol 6"), "\(command.text)")
        }

        @Test func `checking changes nothing: not a file, not a row`() throws {
            func state() throws -> String {
                try Command.check([
                    "bash", "-c",
                    "find \(host.spool) \(host.postfix.configuration) $(dirname \(host.configuration)) -printf '%p %m %u %T@ %s\\n' | sort",
                ])
            }
            let before = try state()
            _ = try host.check()
            #expect(try state() == before)
        }
    }
}

extension CheckedHost {
    /// Runs a shell line in which `{spool}` and the like stand for paths of this host.
    func shell(_ line: String) throws {
        let paths = [
            "{configuration}": configuration, "{signingKey}": signingKey, "{privateKey}": privateKey, "{spool}": spool,
            "{socket}": socket,
        ]
        try Command.check(["bash", "-c", paths.reduce(line) { $0.replacing($1.key, with: $1.value) }])
    }
}
