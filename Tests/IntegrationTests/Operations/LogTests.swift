import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Where a running daemon's log goes, and in which form.
    @Suite
    struct Log {
        private let host: MailHost
        private let directory: TemporaryDirectory

        init() throws {
            host = try MailHost.shared.get()
            directory = try TemporaryDirectory("log")
        }

        private func configure(_ settings: String, port: UInt16) throws -> String {
            try directory.write(
                "lever-milter.yaml",
                MailHost.configuration(
                    socket: "inet:\(port)@127.0.0.1", spool: directory.file("spool"), database: host.ingestDatabase)
                    + settings)
        }

        @Test func `syslog gets facility mail with priorities; SIGHUP changes format, level and destination`()
            async throws
        {
            let service = try SyslogService()
            let port = try Loopback.freePort()
            let configuration = try configure("log_to: syslog\nlog_level: notice\n", port: port)
            let errors = directory.file("stderr")
            let daemon = try ChildProcess(
                service.namespace() + [Products.path("lever-milter"), "--config", configuration], output: errors)
            // Mail is 2, notice 5.
            let started = try await line(from: service, with: "started socket=")
            #expect(started.hasPrefix("<21>") && started.contains(" lever-milter[\(daemon.pid)]: started socket="))

            let client = try MilterClient(port: port)
            try client.negotiate()
            try client.connect(host: "client.example", address: "192.0.2.1")
            try client.hello("client.example")
            let first = Letter.unique()
            #expect(try client.transfer(.marked(by: host.acme), queueID: first) == .proceed)
            #expect(try await line(from: service, with: "]: \(first): ").contains("\(first): outcome=captured "))

            _ = try configure("log_to: syslog\nlog_format: json\nlog_level: info\n", port: port)
            daemon.send(SIGHUP)
            let reloaded = try json(try await line(from: service, with: "reloaded"))
            #expect(reloaded["event"] as? String == "reloaded" && reloaded["level"] as? String == "notice")
            let second = Letter.unique()
            #expect(try client.transfer(.marked(by: host.acme), queueID: second) == .proceed)
            // Mail is 2, info 6.
            let spooled = try await line(from: service, with: second)
            #expect(spooled.hasPrefix("<22>"))
            #expect(try json(spooled)["event"] as? String == "spooled")
            let delivered = try json(try await line(from: service, with: second))
            #expect(delivered["queue_id"] as? String == second && delivered["outcome"] as? String == "captured")
            #expect(delivered["company"] as? Int64 == host.acme.id && delivered["thread"] as? Int64 == host.acme.thread)

            _ = try configure("", port: port)
            daemon.send(SIGHUP)
            try await waitUntil("standard error to have the log") { try text(errors) == "reloaded\n" }
            daemon.send(SIGTERM)
            #expect(try daemon.waitForExit(timeout: 40) == 0)
            #expect(try text(errors).hasSuffix("sessions=1\n"))
            #expect(service.receive() == nil)
        }

        @Test func `without a syslog service a line on standard error says so, and mail flows`() async throws {
            let service = try SyslogService()
            let port = try Loopback.freePort()
            let configuration = try configure("log_to: syslog\n", port: port)
            let errors = directory.file("stderr")
            let daemon = try ChildProcess(
                service.namespace(isRunning: false) + [Products.path("lever-milter"), "--config", configuration],
                output: errors)
            try await waitUntil("it to listen") { Loopback.answers(port: port) }
            try await waitUntil("the line") {
                try text(errors)
                    == "warning: nothing listens at /dev/log; start a syslog service, or set 'log_to: stderr'\n"
            }
            #expect(daemon.isRunning)
        }

        @Test
        func `lines to the journal begin with their level, and so do those of a failed start`()
            async throws
        {
            let name = "JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2)"
            let command = ["sh", "-c", "\(name) exec \"$@\"", "sh"]
            let port = try Loopback.freePort()
            let daemon = try DaemonProcess(
                configuration: try configure("log_format: json\n", port: port), under: command)
            let line = try await daemon.line(with: "started socket=")
            #expect(line.hasPrefix("<5>{"))
            #expect(try json(line)["socket"] as? String == "inet:\(port)@127.0.0.1")
            // Another daemon has the spool.
            let second = try Command.run(
                command + [
                    Products.path("lever-milter"), "--config", try configure("", port: try Loopback.freePort()),
                ])
            #expect(second.status == 1)
            #expect(second.errors.hasPrefix("<3>lever-milter: another lever-milter uses the spool"))
            #expect(second.errors.count { $0 == "\n" } == 1)
        }

        /// The next line that contains the text.
        private func line(from service: SyslogService, with text: String) async throws -> String {
            try await waitFor("a line with \(text)") { service.receive().flatMap { $0.contains(text) ? $0 : nil } }
        }

        private func json(_ line: String) throws -> [String: Any] {
            let object = line[try #require(line.firstIndex(of: "{"))...]
            return try #require(try JSONSerialization.jsonObject(with: Data(object.utf8)) as? [String: Any])
        }

        private func text(_ path: String) throws -> String { String(decoding: try contents(of: path), as: UTF8.self) }
    }
}
