import Foundation
import Glibc
import TestSupport
import Testing

extension IntegrationTests {
    /// What a running daemon exports over HTTP.
    @Suite
    struct Metrics {
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

        @Test func `mail is counted by outcome, and promtool accepts the exported metrics`()
            async throws
        {
            #expect(try page["lever_milter_messages_total", "outcome=captured", "direction=inbound"] == 0)
            let client = try own.connect()
            let ids = [Letter.unique(), Letter.unique()]
            #expect(try client.transfer(letter("Marked"), queueID: ids[0]) == .proceed)
            #expect(try client.transfer(Letter("Unmarked"), queueID: Letter.unique()) == .accept)
            #expect(try client.transfer(Letter("Elsewhere"), queueID: "A", to: "ben@elsewhere.example") == .accept)
            #expect(try await own.story(of: ids[0]).outcome == "captured")
            #expect(try client.begin(ids[1]) == .proceed)
            #expect(try client.header(of: letter("Under way")) == .proceed)

            #expect(try page["lever_milter_messages_total", "outcome=captured", "direction=inbound"] == 1)
            #expect(try page["lever_milter_messages_total", "outcome=duplicate"] == 0)
            #expect(try page["lever_milter_unread_messages_total", "after=header"] == 1)
            #expect(try page["lever_milter_unread_messages_total", "after=envelope"] == 1)
            #expect(try page["lever_milter_spooled_messages_total"] == 1)
            #expect(try page["lever_milter_spooled_bytes_total"] > 100)
            // The session of an earlier health probe may not have ended yet.
            try await waitUntil("one session") { try page["lever_milter_sessions"] == 1 }
            #expect(try page["lever_milter_messages_in_flight"] == 1)
            #expect(try page["lever_milter_in_flight_bytes"] > 100)
            #expect(try page["lever_milter_callback_duration_seconds_count", "callback=data"] == 4)
            #expect(try page["lever_milter_callback_duration_seconds_count", "callback=eom"] == 1)
            #expect(try page["lever_milter_seal_duration_seconds_count"] == 1)
            // The file and the directory.
            #expect(try page["lever_milter_fsync_duration_seconds_count"] == 2)
            #expect(try page["lever_milter_delivery_batch_duration_seconds_count"] == 1)
            #expect(try page["lever_milter_events_total", "event=delivered", "level=notice"] == 1)
            #expect(try page["lever_milter_database_up"] == 1)
            #expect(try page["lever_milter_routing_age_seconds"] < 60)
            #expect(try page["lever_milter_routing_companies"] >= 2)
            #expect(try page["lever_milter_spool_free_bytes"] > 0)
            try await waitUntil("what is in the spool to be looked at") {
                try page["lever_milter_spool_files", "area=delivered"] == 1
            }
            #expect(try page["lever_milter_spool_bytes", "area=delivered"] >= 4096)
            #expect(try page["lever_milter_spool_files", "area=new"] == 0)
            #expect(try page["lever_milter_build_info", "version="] == 1)
            #expect(try page["process_resident_memory_bytes"] > 1_000_000)

            let answer = try page.client.get("/metrics")
            #expect(answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let check = try Promtool.run("check", "metrics", input: answer.body)
            #expect(check.status == 0 && check.text.isEmpty && check.errors.isEmpty, "\(check.text)\(check.errors)")
        }

        @Test func `the database stops: metrics show it down while marked mail is accepted, and later up again`()
            async throws
        {
            try await waitUntil("the database to be up") { try page["lever_milter_database_up"] == 1 }
            let client = try own.connect()
            try host.postgres.stop()
            defer { try? host.postgres.start() }
            let id = Letter.unique()
            #expect(try client.transfer(letter("Meanwhile"), queueID: id) == .proceed)
            try await waitUntil("the database to be down") { try page["lever_milter_database_up"] == 0 }
            #expect(try page["lever_milter_database_losses_total"] >= 1)
            try await waitUntil("the message to be seen waiting") {
                try page["lever_milter_spool_files", "area=new"] == 1
                    && page["lever_milter_spool_bytes", "area=new"] >= 4096
            }
            #expect(try page.client.get("/ready").status == 200)
            #expect(try page.client.get("/healthy").status == 200)

            try host.postgres.start()
            #expect(try await own.story(of: id).outcome == "captured")
            #expect(try page["lever_milter_database_up"] == 1)
            try await waitUntil("nothing to wait") { try page["lever_milter_spool_files", "area=new"] == 0 }
        }

        @Test(arguments: [true, false])
        func `a spool that is full or read-only is not ready, and says why`(isFull: Bool) async throws {
            let directory = try TemporaryDirectory("metrics")
            let spool = try directory.makeDirectory("spool")
            // A file open for writing keeps a file system from becoming read-only.
            let mount = try Mount(at: spool, isFull ? "size=8m" : "size=8m,ro")
            defer { mount.unmount() }
            let port = try Loopback.freePort()
            let own = try OwnDaemon("metrics: inet:\(port)@127.0.0.1\nspool: \(spool)")
            let page = MetricsPage(.port(port))
            if isFull {
                #expect(try page.client.get("/ready").status == 200)
                #expect(try Command.run(["dd", "if=/dev/zero", "of=\(spool)/filler", "bs=1k"]).status == 1)
            }
            let answer = try page.client.get("/ready")
            #expect(answer.status == 503)
            #expect(try page["lever_milter_ready"] == 0 && page["lever_milter_healthy"] == 1)
            #expect(answer.body.contains(isFull ? "free disk space" : "make the file system writable"))
            let client = try own.connect()
            let verdict = try client.transfer(letter("Full").with("X-Fill", "1"), queueID: Letter.unique())
            #expect(verdict.replyText?.hasPrefix("451 4.7.1") == true)
            #expect(try page["lever_milter_tempfails_total", "cause=\(isFull ? "no_room" : "spool")"] == 1)
            #expect(try page.client.get("/healthy").status == 200)
            if isFull {
                #expect(try page["lever_milter_spool_free_bytes"] == 0)
                try Command.check(["rm", "\(spool)/filler"])
            } else {
                try mount.remount("rw")
            }
            #expect(try page.client.get("/ready").status == 200)
            #expect(try page["lever_milter_ready"] == 1)
            #expect(try own.current.terminate() == 0)
        }

        @Test func `during a stop the daemon is not ready from the first moment, but healthy`() async throws {
            let client = try own.connect()
            #expect(try client.begin(Letter.unique()) == .proceed)
            own.current.send(SIGTERM)
            try await own.current.line(with: "stopping")
            let ready = try page.client.get("/ready")
            #expect(ready.status == 503 && ready.body == "lever-milter is stopping\n")
            #expect(try page.client.get("/healthy").status == 200)
            own.current.send(SIGTERM)
            #expect(try own.current.waitForExit() == 0)
        }

        @Test func `a filter that hangs is unhealthy until it answers again`() async throws {
            let (faults, port) = (try FaultInjection(), try Loopback.freePort())
            let own = try OwnDaemon("metrics: inet:\(port)@127.0.0.1", faults: faults)
            let page = MetricsPage(.port(port))
            #expect(try page.client.get("/healthy").body == "ok\n")
            try faults.set([Fault("answer", [.write], path: "local:\(own.port) ", do: .hold)])
            let answer = try page.client.get("/healthy")
            #expect(answer.status == 503 && answer.body == "libmilter does not answer\n")
            #expect(try page["lever_milter_healthy"] == 0 && page["lever_milter_ready"] == 1)
            try faults.set([])
            try await waitUntil("it to answer") { try page.client.get("/healthy").status == 200 }
        }

        @Test func `a refusal is counted under its cause`() async throws {
            try own.configure("metrics: inet:1@127.0.0.1\nin_flight_limit: 1000\nmessage_size_limit: 1000")
            own.current.send(SIGHUP)
            try await own.current.line(with: "warning: reloaded, except for metrics: restart lever-milter")
            let client = try own.connect()
            #expect(try client.begin(Letter.unique()) == .proceed)
            #expect(try client.header(of: letter("One")) == .proceed)
            try client.body([UInt8](repeating: 0x61, count: 600))
            // Without a reply of its own.
            try await waitUntil("the body to be sealed") { try page["lever_milter_in_flight_bytes"] > 700 }
            let other = try own.connect()
            #expect(try other.begin(Letter.unique()) == .proceed)
            #expect(try other.header(of: letter("Two")).replyText?.hasPrefix("451 4.3.2") == true)
            #expect(try page["lever_milter_tempfails_total", "cause=in_flight_limit"] == 1)
            #expect(try page["lever_milter_messages_total", "outcome=spool_failed", "direction=inbound"] == 1)
        }
    }
}
