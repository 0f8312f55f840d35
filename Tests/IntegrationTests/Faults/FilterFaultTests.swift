import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Failures of similar filters (docs/explanation/faults.md), tried on this one.
    @Suite
    struct FilterFaults {
        private let host: MailHost
        private let directory: TemporaryDirectory
        private let port: UInt16
        private let daemon: DaemonProcess

        init() throws {
            host = try MailHost.shared.get()
            directory = try TemporaryDirectory("filterfaults")
            port = try Loopback.freePort()
            daemon = try DaemonProcess(
                configuration: directory.write(
                    "lever-milter.yaml",
                    MailHost.configuration(
                        socket: "inet:\(port)@127.0.0.1", spool: directory.file("spool"), database: host.ingestDatabase)
                        + "session_limit: 2000\n"))
        }

        @Test func `a monitor that only connects to the port, before and between mail, makes no difference`()
            async throws
        {
            let before = try await daemon.settledDescriptors()
            #expect((0..<200).allSatisfy { _ in Loopback.answers(port: port) })
            // And one that negotiates and leaves.
            for _ in 0..<50 { try MilterClient(port: port).negotiate() }
            try await waitUntil("the connections to be closed") { try daemon.descriptors() == before }
            try expectCaptured()
            #expect(try daemon.terminate() == 0)
        }

        @Test func `mail leaks no file descriptor: after hundreds of sessions as many are open as before`()
            async throws
        {
            try expectCaptured()
            let before = try await daemon.settledDescriptors()
            for number in 0..<200 { try expectCaptured(marked: number % 2 == 0) }
            try await waitUntil("the spool to be delivered") {
                try FileManager.default.contentsOfDirectory(atPath: directory.file("spool/new")).isEmpty
            }
            try await waitUntil("the connections to be closed") { try daemon.descriptors() == before }
            #expect(try daemon.terminate() == 0)
        }

        @Test func `sessions with descriptors beyond 1024 are served like others, and a stop ends them all`()
            async throws
        {
            try #require(raiseLimit(to: 4096), "this user may not open 4096 files")
            try setLimit(4096)
            let sessions = try (0..<1100).map { _ in
                let session = try MilterClient(port: port)
                try session.negotiate()
                return session
            }
            #expect(try daemon.descriptors() > 1100)
            try expectCaptured()
            try sessions.last!.mail("<anna@home.example>")
            #expect(try daemon.terminate() == 0)
        }

        @Test func `a header with thousands of addresses, larger than 64 KiB, is captured unchanged`() async throws {
            var letter = Letter("To everybody").answering(host.acme.marker)
            for part in 0..<4 {
                let addresses = (0..<1200).map { "person\(part * 1200 + $0)@elsewhere.example" }
                letter = letter.with("Cc", addresses.joined(separator: ",\r\n "))
            }
            #expect(letter.bytes.count > 140_000)
            let id = try host.send(letter)
            #expect(try await host.story(of: id).outcome == "captured")
            try await expectFaithful(id, host)
            #expect(try daemon.terminate() == 0)
        }

        // MARK: Steps

        /// A session with a message whose marker was seen.
        private func begin(marked: Bool = true) throws -> MilterClient {
            let session = try MilterClient(port: port)
            session.macros = ["i": "FAULT\(Letter.unique())"]
            try session.negotiate()
            try session.mail("<anna@home.example>")
            try session.recipient("<rita@acme.example>")
            #expect(try session.data() == .proceed)
            let letter = marked ? Letter("Hello").answering(host.acme.marker) : Letter("Hello")
            for field in letter.fields { try session.header(field.name, " \(field.value)") }
            return session
        }

        private func expectCaptured(
            marked: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let session = try begin(marked: marked)
            #expect(try session.endOfHeader() == (marked ? .proceed : .accept), sourceLocation: sourceLocation)
            if marked {
                try session.body(Array("Hello\r\n".utf8))
                try session.endMessage()
                #expect(try session.reply() == .proceed, sourceLocation: sourceLocation)
            }
            try session.quit()
        }

        /// The soft limit on the daemon's descriptors.
        private func setLimit(_ limit: Int) throws {
            try Command.check(["prlimit", "--pid", "\(daemon.pid)", "--nofile=\(limit):"])
        }

        /// Of this process, which holds the other ends.
        private func raiseLimit(to wanted: rlim_t) -> Bool {
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return false }
            guard limit.rlim_max >= wanted else { return false }
            limit.rlim_cur = max(limit.rlim_cur, wanted)
            return setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        }
    }
}
