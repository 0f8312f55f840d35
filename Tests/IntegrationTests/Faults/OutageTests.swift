import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Outages {
        @Test func `the database stops while mail flows: mail flows on, and everything is stored once when it is back`()
            async throws
        {
            let host = try MailHost.shared.get()
            let client = try SMTPClient(port: host.postfix.port())
            func send(_ count: Int) throws -> [String] {
                try (0..<count).map { _ in
                    try client.send(
                        Letter("Outage").answering(host.acme.marker).bytes, from: "anna@home.example",
                        to: ["rita@acme.example"])
                }
            }
            var ids = try send(10)
            try host.postgres.stop()
            ids += try send(10)
            for id in ids { #expect(try await host.delivered(id).count == 1) }
            try await host.daemon.line(with: "database unavailable")
            #expect(try host.stories(of: ids.last!).isEmpty)

            try host.postgres.start()
            for id in ids { #expect(try await host.story(of: id).outcome == "captured") }
            try expectStoredOnce(ids, host)
        }

        @Test
        func
            `the filter starts while the database is down, captures with its copy of routing, and delivers later`()
            async throws
        {
            let host = try MailHost.shared.get()
            try host.postgres.stop()
            let before = try host.send(Letter("Before the restart").answering(host.acme.marker))
            #expect(try host.daemon.terminate() == 0)
            try host.startDaemon()
            try await host.daemon.line(with: "started", "routing=copy")

            let after = try host.send(Letter("After the restart").answering(host.acme.marker))
            let unmarked = try host.send(Letter("Unmarked"))
            #expect(try await host.delivered(unmarked).count == 1)
            try host.postgres.start()
            for id in [before, after] { #expect(try await host.story(of: id).outcome == "captured") }
            try expectStoredOnce([before, after], host)
            #expect(try host.stories(of: unmarked).isEmpty)
            try await expectFaithful(after, host)
        }

        @Test func `the filter is killed while messages wait in the spool: the next one delivers each once`()
            async throws
        {
            let host = try MailHost.shared.get()
            try host.postgres.stop()
            let ids = try (0..<5).map { _ in try host.send(Letter("Before the kill").answering(host.acme.marker)) }
            try host.daemon.kill()
            try host.startDaemon()
            try host.postgres.start()
            for id in ids { #expect(try await host.story(of: id).outcome == "captured") }
            try expectStoredOnce(ids, host)
        }

        @Test func `while the filter is down, Postfix defers mail and nothing passes unseen`()
            async throws
        {
            let host = try MailHost.shared.get()
            #expect(try host.daemon.terminate() == 0)
            let letter = Letter("While it is down").answering(host.acme.marker)
            let client = try SMTPClient(port: host.postfix.port())
            #expect(try client.command("MAIL FROM:<anna@home.example>").code == 451)

            try host.startDaemon()
            let id = try host.send(letter)
            #expect(try await host.story(of: id).outcome == "captured")
        }

        @Test func `a company, key or thread added while the filter runs is used without a restart`()
            async throws
        {
            let host = try MailHost.shared.get()
            let (name, domain) = ("Umbrella", "umbrella.example")
            let _: LeverCtlJSON.Added = try host.ctl.json(
                "company", "add", name, "--domain", domain, "--provider", "microsoft", "--sync", "limited")
            let key = host.directory.file("umbrella.pem")
            try host.ctl.check("key", "generate", "--company", name, "--private-key", key)
            let candidate: LeverCtlJSON.Added = try host.ctl.json(
                "candidate", "add", "--company", name, "--name", "Ben", "--email", "ben@home.example")
            let thread: LeverCtlJSON.StartedThread = try host.ctl.json(
                "thread", "start", "--company", name, "--candidate", "\(candidate.id)")

            let letter = Letter("New here").answering(thread.messageId)
            let id = try await waitFor("the filter to know the new company") {
                let id = try host.send(letter, to: ["alice@umbrella.example"])
                return try host.log().contains { $0.hasPrefix("\(id): spooled") } ? id : nil
            }
            #expect(try await host.story(of: id).outcome == "captured")

            // And off again.
            try host.ctl.check("company", "set", name, "--sync", "off")
            try await waitUntil("the filter to leave the company alone") {
                let id = try host.send(Letter("Off").answering(thread.messageId), to: ["alice@umbrella.example"])
                return try !host.log().contains { $0.hasPrefix("\(id): spooled") }
            }
        }

        private func expectStoredOnce(
            _ ids: [String], _ host: MailHost, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let list = ids.map { "'\($0)'" }.joined(separator: ",")
            #expect(
                try host.query(
                    "SELECT count(*), count(DISTINCT queue_id) FROM lever.message WHERE queue_id IN (\(list))")
                    == "\(ids.count)|\(ids.count)", sourceLocation: sourceLocation)
            #expect(
                try Command.check(["find", host.spool + "/new", host.spool + "/tmp", "-type", "f"]).isEmpty,
                sourceLocation: sourceLocation)
        }
    }
}
