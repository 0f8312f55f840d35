import Foundation
import Synchronization
import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Failover {
        @Test
        func `the primary is killed in mid-stream and its synchronous standby promoted: each message is stored once`()
            async throws
        {
            let host = try await FailoverHost(synchronous: true)
            let client = try SMTPClient(port: host.postfix.port())
            var ids: [String] = []
            func stream(_ count: Int) throws {
                for _ in 0..<count {
                    ids.append(
                        try client.send(
                            host.letter("In the stream").bytes, from: "anna@home.example", to: ["rita@acme.example"]))
                }
            }
            // Killed as soon as some are stored, from a thread that no other test can delay.
            let killed = Mutex<Result<Void, any Error>?>(nil)
            let killer = Thread {
                let deadline = ContinuousClock.now + .seconds(60)
                let result = Result {
                    while try host.stored(in: host.primary).count < 10, .now < deadline {}
                    try host.primary.kill()
                }
                killed.withLock { $0 = result }
            }
            killer.start()
            try stream(60)
            try await waitFor("the kill") { killed.withLock { $0 } }.get()
            // The standby alone is read-only: the spool waits, mail flows.
            try stream(5)
            try await host.flows(ids.last!)
            try await host.daemon.line(with: "database unavailable", "session is read-only")
            try await waitUntil("the last to wait") { try !host.waiting().isEmpty }

            try host.standby.promote()
            #expect(try await host.delivered(to: host.standby) == ids.sorted())
            try await expectOneStoryEach(ids, host)
            try await host.daemon.line(with: "the database was replaced", "timeline=2")

            // The old primary comes back as a standby: it is first in the connection string, and nothing sticks to it.
            try host.primary.follow(host.standby)
            try await waitUntil("the old primary to follow") {
                try host.standby.query("SELECT state FROM pg_stat_replication") == "streaming"
            }
            try host.standby.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(MailHost.login)'")
            ids.append(try host.send("After"))
            #expect(try await host.delivered(to: host.standby) == ids.sorted())
            try await waitUntil("the standby to have it") { try host.stored(in: host.primary) == ids.sorted() }

            // And back again, in an orderly switch.
            try host.standby.stop()
            ids.append(try host.send("Between"))
            try host.primary.promote()
            ids.append(try host.send("Back"))
            #expect(try await host.delivered(to: host.primary) == ids.sorted())
            try await expectOneStoryEach(ids, host)
        }

        @Test(arguments: [false, true])
        func `a standby that was behind is promoted: what it had not received is redelivered`(daemonWasDown: Bool)
            async throws
        {
            let host = try await FailoverHost(synchronous: false)
            var ids = try (0..<3).map { _ in try host.send("Received") }
            try await waitUntil("the standby to have them") { try host.stored(in: host.standby) == ids.sorted() }
            // Cut off from here on.
            try host.standby.query("ALTER SYSTEM SET primary_conninfo = ''; SELECT pg_reload_conf()")
            try await waitUntil("the standby to be cut off") {
                try host.standby.query("SELECT count(*) FROM pg_stat_wal_receiver") == "0"
            }
            let lost = try (0..<7).map { _ in try host.send("Lost") }
            ids += lost
            #expect(try await host.delivered(to: host.primary) == ids.sorted())
            try await waitUntil("every end to be logged") { try host.stories().count == ids.count }
            // Before the promotion, after which a running daemon would redeliver them.
            #expect(try host.stored(in: host.standby).count == 3)
            if daemonWasDown { try host.daemon.kill() }
            try host.primary.kill()
            try host.standby.promote()

            if daemonWasDown { try host.start() }
            let after = try host.send("After")
            ids.append(after)
            try await host.daemon.line(with: "the database was replaced, 10 delivered messages are redelivered")
            try await host.daemon.line(with: "redelivered after the database was replaced messages=10")
            #expect(try await host.delivered(to: host.standby) == ids.sorted())
            try await expectOneStoryEach(ids, host)
        }

        @Test
        func
            `the primary's synchronous standby is gone: commits wait and mail flows, and all is stored once it is back`()
            async throws
        {
            let host = try await FailoverHost(synchronous: true)
            var ids = [try host.send("Before")]
            #expect(try await host.delivered(to: host.primary) == ids)
            try host.standby.stop()
            ids += try (0..<3).map { _ in try host.send("Waits") }
            try await host.flows(ids.last!)
            try await waitUntil("a commit to wait for the standby") {
                try host.primary.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") != "0"
            }
            #expect(try host.waiting().isEmpty == false)
            // Cancelling the wait makes the commit succeed on this server alone, which does not count as durable.
            try host.primary.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            try await host.daemon.line(with: "the commit is not known to be durable")
            #expect(try host.waiting().isEmpty == false)
            try host.standby.start()
            #expect(try await host.delivered(to: host.primary) == ids.sorted())
            try await waitUntil("the standby to have them") { try host.stored(in: host.standby) == ids.sorted() }
            try await expectOneStoryEach(ids, host)
        }

        @Test
        func `the filter starts while the primary hangs: it uses its copy of routing, and delivers later`()
            async throws
        {
            let host = try await FailoverHost(synchronous: false)
            var ids = [try host.send("Before")]
            #expect(try await host.delivered(to: host.primary) == ids)
            try await waitUntil("its end to be logged") { try host.stories().count == 1 }
            #expect(try host.daemon.terminate() == 0)
            try host.primary.suspend()
            defer { try? host.primary.resume() }
            try host.start()
            try await host.daemon.line(with: "started", "routing=copy")
            ids.append(try host.send("Meanwhile"))
            try await host.flows(ids.last!)
            try await host.daemon.line(with: "database unavailable", "timeout expired")
            #expect(try host.waiting().count == 1)
            try host.primary.resume()
            #expect(try await host.delivered(to: host.primary) == ids.sorted())
            try await expectOneStoryEach(ids, host)
        }

        private func expectOneStoryEach(
            _ ids: [String], _ host: FailoverHost, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            try await waitUntil("every end to be logged") { try Set(host.stories().keys).isSuperset(of: ids) }
            let stories = try host.stories()
            for id in ids {
                #expect(stories[id]?.count == 1, sourceLocation: sourceLocation)
                #expect(stories[id]?.first?.contains("outcome=captured") == true, sourceLocation: sourceLocation)
            }
            #expect(stories.count == ids.count, sourceLocation: sourceLocation)
        }
    }
}
