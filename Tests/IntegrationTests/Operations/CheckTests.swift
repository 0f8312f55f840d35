import Foundation
import Glibc
import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Check {
        private let host: CheckedHost

        init() throws { host = try CheckedHost.shared.get() }

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

        @Test(arguments: CheckedFault.all)
        func `every fault is found by its name, and following the advice fixes it`(_ fault: CheckedFault) async throws {
            let host = host
            try fault.make(host)
            var isMended = false
            defer { if !isMended { try? fault.mend?(host) } }
            let clock = ContinuousClock()
            let start = clock.now
            let (report, status) = try host.check()
            #expect(clock.now - start < .seconds(25))
            #expect(Set(report.problems.map(\.id)) == fault.ids, "\(report.problems)")
            #expect(status == (report.problems.contains { $0.status == "critical" } ? 2 : 1))
            for finding in report.problems { #expect(finding.do?.isEmpty == false, "\(finding.id)") }

            if let mend = fault.mend {
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
                INSERT INTO lever.mail_host (host, snapshot, seen_at)
                VALUES ('silent.example', '3:3:', now() - interval '1 day');
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
