import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// What a daemon tells a service manager, and gets from it.
    @Suite
    struct ServiceManager {
        private let host: MailHost
        private let directory: TemporaryDirectory
        private let configuration: String
        private let listener: Int32

        init() throws {
            host = try MailHost.shared.get()
            directory = try TemporaryDirectory("service")
            listener = try Loopback.listen(port: Loopback.freePort())
            configuration = try directory.write(
                "lever-milter.yaml",
                MailHost.configuration(socket: "fd:3", spool: directory.file("spool"), database: host.ingestDatabase))
        }

        /// As a service manager starts it: with an environment that names the process.
        private func start(_ environment: [String], configuration: String? = nil) throws -> DaemonProcess {
            let names = environment.map { $0.replacing("PID=own", with: "PID=$$") }.joined(separator: " ")
            return try DaemonProcess(
                configuration: configuration ?? self.configuration, inherited: listener,
                under: ["sh", "-c", "export \(names); exec \"$@\"", "sh"])
        }

        @Test func `it is notified that the daemon is ready, reloads, is ready again, and stops`() async throws {
            defer { close(listener) }
            let socket = try NotifySocket(directory.file("notify"))
            let daemon = try start(["NOTIFY_SOCKET=\(socket.name)", "LISTEN_PID=own", "LISTEN_FDS=1"])
            let ready = try await socket.message("READY=1\nSTATUS=Accepting mail; companies: ")
            // With learned ids in the database, it says that it loads them.
            let extended = "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=Reading"
            #expect(socket.messages()[..<ready].allSatisfy { $0.hasPrefix(extended) })
            daemon.send(SIGHUP)
            let reloading = try await socket.message("RELOADING=1\nMONOTONIC_USEC=")
            #expect(try await socket.message("READY=1", after: reloading) == reloading + 1)
            #expect(try daemon.terminate() == 0)
            #expect(socket.messages().last?.hasPrefix("STOPPING=1\nSTATUS=") == true)
            #expect(!socket.messages().contains("WATCHDOG=1"), "nobody waits for signs of life")
        }

        @Test func `it gets watchdog notifications as long as connections are answered`() async throws {
            defer { close(listener) }
            let socket = try NotifySocket(directory.file("notify"))
            let daemon = try start([
                "NOTIFY_SOCKET=\(socket.name)", "WATCHDOG_PID=own", "WATCHDOG_USEC=600000",
            ])
            let first = try await socket.message("WATCHDOG=1")
            try await socket.message("WATCHDOG=1", after: first)
            #expect(try daemon.terminate() == 0)
        }

        @Test(arguments: [
            (
                "inet:8891@127.0.0.1", 1,
                "handed over the socket fd:3, and 'socket' is inet:8891@127.0.0.1; write 'socket: fd:3'"
            ),
            ("fd:4", 1, "handed over the socket fd:3, and 'socket' is fd:4; write 'socket: fd:3'"),
            ("fd:3", 2, "handed over 2 sockets, and lever-milter serves one; keep one ListenStream="),
        ])
        func `a passed socket that is not served is reported with what to do`(
            _ address: String, _ count: Int, _ advice: String
        ) throws {
            defer { close(listener) }
            let path = try directory.write(
                "other.yaml",
                MailHost.configuration(socket: address, spool: directory.file("spool"), database: host.ingestDatabase))
            let refusal = #expect(throws: HarnessError.self) {
                try start(["LISTEN_PID=own", "LISTEN_FDS=\(count)"], configuration: path)
            }
            #expect(refusal?.description.contains(advice) == true, "\(refusal?.description ?? "")")
        }

        @Test func `a passed descriptor that is not a listening socket is reported`() throws {
            defer { close(listener) }
            let file = open(configuration, O_RDONLY)
            defer { close(file) }
            let refusal = #expect(throws: HarnessError.self) {
                try DaemonProcess(configuration: configuration, inherited: file)
            }
            #expect(refusal?.description.contains("must be a listening socket") == true)
        }
    }
}
