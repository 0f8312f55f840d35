import Foundation
import Glibc
import TestSupport
import Testing

extension IntegrationTests {
    /// The HTTP port of a running daemon's metrics.
    @Suite
    struct MetricsPort {
        private let host: MailHost
        private let own: OwnDaemon
        private let page: MetricsPage

        init() throws {
            host = try MailHost.shared.get()
            let port = try Loopback.freePort()
            own = try OwnDaemon("metrics: inet:\(port)@127.0.0.1")
            page = MetricsPage(.port(port))
        }

        private func letter(_ subject: String) -> Letter { Letter(subject).answering(host.acme.marker) }

        @Test func `HEAD has no body, other methods are 405, other paths 404`() throws {
            for path in ["/metrics", "/healthy", "/ready"] {
                let get = try page.client.get(path)
                #expect(get.status == 200 && !get.body.isEmpty)
                let head = try page.client.request("HEAD", path)
                #expect(head.status == 200 && head.body.isEmpty)
                for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
                    let other = try page.client.request(method, path, body: "x")
                    #expect(other.status == 405 && other.fields["allow"] == "GET, HEAD")
                }
            }
            #expect(try page.client.get("/ready").body == "ok\n")
            for path in ["/", "/metrics/", "/metricsx", "/..%2fmetrics", "/ready/x"] {
                #expect(try page.client.get(path).status == 404)
            }
        }

        @Test func `many silent connections to the metrics port disturb neither mail nor, for long, the next scrape`()
            async throws
        {
            let before = try await own.current.settledDescriptors()
            let silent = try (0..<100).map { _ in try page.client.connect() }
            defer { for connection in silent { close(connection) } }
            let client = try own.connect()
            for _ in 0..<20 {
                let id = Letter.unique()
                let start = ContinuousClock.now
                #expect(try client.transfer(letter("Mail"), queueID: id) == .proceed)
                #expect(ContinuousClock.now - start < .seconds(2))
                #expect(try await own.story(of: id).outcome == "captured")
            }
            #expect(try own.current.descriptors() <= before + 12)
            // Connections before it in the queue time out after five seconds, eight at a time, unless they close.
            for connection in silent { shutdown(connection, Int32(SHUT_RDWR)) }
            #expect(try page["lever_milter_spooled_messages_total"] == 20)
        }

        @Test func `with no descriptor left for mail, metrics are answered from the reserve, and nothing spins`()
            async throws
        {
            let port = try Loopback.freePort()
            let own = try OwnDaemon("metrics: inet:\(port)@127.0.0.1", under: ["prlimit", "--nofile=160:160"])
            let page = MetricsPage(.port(port))
            let mail = try (0..<250).map { _ in try MilterClient(port: own.port) }
            try await own.current.line(with: "error: nearly all of 160 file descriptors are taken")
            #expect(try page["process_open_fds"] >= 90 && page["process_max_fds"] == 160)
            #expect(try page["lever_milter_events_total", "event=descriptors_short"] == 1)

            let (before, start) = (try page["process_cpu_seconds_total"], ContinuousClock.now)
            let silent = try (0..<30).map { _ in try page.client.connect() }
            try await waitUntil("some seconds of rest") { ContinuousClock.now - start > .seconds(2) }
            for connection in silent { close(connection) }
            let used = try page["process_cpu_seconds_total"] - before
            #expect(used < 0.3, "\(used) s")
            #expect(try page.client.get("/ready").status == 200)
            #expect(mail.count == 250)
        }

        @Test func `on a unix socket access follows its directory's mode; a leftover is replaced, and none stays`()
            async throws
        {
            let socket = own.directory.file("metrics.sock")
            let settings = "metrics: unix:\(socket)"
            #expect(try own.current.terminate() == 0)
            try own.configure(settings)
            try own.start()
            let client = HTTPClient(.unix(socket))
            #expect(try client.get("/metrics").body.contains("lever_milter_build_info"))
            var status = stat()
            #expect(stat(socket, &status) == 0 && status.st_mode & 0o777 == 0o666)
            try own.current.kill()
            try own.start()
            #expect(try client.get("/ready").status == 200)
            #expect(try own.current.terminate() == 0)
            #expect(!FileManager.default.fileExists(atPath: socket))

            try own.directory.write("metrics.sock", "no socket")
            let error = #expect(throws: HarnessError.self) { try own.start() }
            #expect(error?.description.contains("is not a socket; remove it or name another path as 'metrics'") == true)
            try own.configure("metrics: unix:/nonexistent/metrics.sock")
            let other = #expect(throws: HarnessError.self) { try own.start() }
            #expect(
                other?.description.contains("cannot listen at unix:/nonexistent/metrics.sock: No such file") == true)
        }
    }
}
