import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// SIGTERM and SIGHUP as seen from the milter protocol, step by step.
    @Suite
    struct StopAndReload {
        private let host: MailHost
        private let own: OwnDaemon

        init() throws {
            host = try MailHost.shared.get()
            own = try OwnDaemon()
        }

        private func letter(_ subject: String) -> Letter { Letter(subject).answering(host.acme.marker) }

        @Test
        func
            `SIGTERM: messages in progress are finished, sessions end with 421, new clients wait for the next daemon`()
            async throws
        {
            let slow = try own.connect()
            var ids = [Letter.unique(), Letter.unique()]
            #expect(try slow.begin(ids[0]) == .proceed)
            #expect(try slow.header(of: letter("Under way")) == .proceed)
            try slow.body(Array("The first half\r\n".utf8))
            let busy = try own.connect()
            #expect(try busy.transfer(letter("Before"), queueID: ids[1]) == .proceed)

            own.current.send(SIGTERM)
            try await own.current.line(with: "stopping", "messages_in_flight=1 sessions=2")
            let later = try MilterClient(port: own.port)
            // A session that brings message after message is served for a while.
            let refusal = try await waitFor("a new message to be refused") { () -> MilterClient.Packet? in
                let id = Letter.unique()
                let verdict = try busy.transfer(letter("Meanwhile"), queueID: id)
                guard verdict == .proceed else { return verdict }
                ids.append(id)
                return nil
            }
            #expect(ids.count > 2)
            #expect(refusal.replyText == "421 4.3.2 Mail filter is restarting, please connect again")
            #expect(try busy.begin(Letter.unique(), to: "ben@elsewhere.example").replyText?.hasPrefix("421") == true)
            #expect(own.current.isRunning)

            try slow.body(Array("and the other\r\n".utf8))
            try slow.endMessage()
            #expect(try slow.reply() == .proceed)
            #expect(try own.current.waitForExit() == 0)
            try await own.current.line(with: "stopped", "interrupted=0", "sessions=2")

            try own.start()
            try later.negotiate()
            ids.append(Letter.unique())
            #expect(try later.transfer(letter("Later"), queueID: ids.last!) == .proceed)
            for id in ids {
                #expect(try await own.story(of: id).outcome == "captured")
                #expect(try own.stories(of: id).count == 1)
            }
        }

        @Test
        func `SIGTERM: a daemon without sessions ends at once, one with idle sessions soon, with exit status 0`()
            async throws
        {
            let client = try own.connect()
            #expect(try own.current.terminate() == 0)
            try await own.current.line(with: "stopped", "interrupted=0 sessions=1")
            #expect(throws: HarnessError.self, "its connection is gone") { try client.receive() }
            try own.start()
            #expect(try own.current.terminate() == 0)
            try await own.current.line(with: "stopped", "interrupted=0 sessions=0")
        }

        @Test func `a second SIGTERM ends the wait: messages in progress are not accepted and leave nothing behind`()
            async throws
        {
            let client = try own.connect()
            let id = Letter.unique()
            #expect(try client.begin(id) == .proceed)
            #expect(try client.header(of: letter("Cut off")) == .proceed)
            own.current.send(SIGTERM)
            try await own.current.line(with: "stopping", "messages_in_flight=1")
            own.current.send(SIGTERM)
            #expect(try own.current.waitForExit(timeout: 20) == 0)
            try await own.current.line(with: "stopped", "interrupted=1")
            #expect(throws: HarnessError.self) {
                try client.endMessage()
                _ = try client.reply()
            }
            try own.start()
            #expect(try FileManager.default.contentsOfDirectory(atPath: own.spool + "/tmp") == [])
            let again = try own.connect()
            #expect(try again.transfer(letter("Cut off"), queueID: id) == .proceed)
            #expect(try await own.story(of: id).outcome == "captured")
        }

        @Test func `SIGHUP: configuration and routing are reloaded; live sessions and messages in progress go on`()
            async throws
        {
            let client = try own.connect()
            let (first, second, third) = (Letter.unique(), Letter.unique(), Letter.unique())
            #expect(try client.begin(first) == .proceed)
            #expect(try client.header(of: letter("Under way")) == .proceed)
            try own.configure("message_size_limit: 200")
            own.current.send(SIGHUP)
            try await own.current.line(with: "reloaded")
            try client.body([UInt8](repeating: 0x61, count: 1000))
            try client.endMessage()
            #expect(try client.reply() == .proceed)
            #expect(try await own.story(of: first).outcome == "captured", "it keeps the limit that it began with")

            #expect(try client.transfer(letter("Too large now"), queueID: second) == .accept)
            #expect(try await own.story(of: second).outcome == "too_large")
            try own.configure("")
            own.current.send(SIGHUP)
            try await waitUntil("the second reload") { try own.log().count { $0 == "reloaded" } == 2 }
            #expect(try client.transfer(letter("Within it again"), queueID: third) == .proceed)
            #expect(try await own.story(of: third).outcome == "captured")
        }

        @Test func `SIGHUP with a mistake in the file, or a key that takes effect at the next start, logs a line`()
            async throws
        {
            let client = try own.connect()
            try own.configure("no_such_key: 1")
            own.current.send(SIGHUP)
            try await own.current.line(
                with: "error: not reloaded, the previous configuration stays in force", "no_such_key")
            try own.configure("socket_mode: 0600")
            own.current.send(SIGHUP)
            try await own.current.line(with: "warning: reloaded, except for socket_mode: restart lever-milter")
            let id = Letter.unique()
            #expect(try client.transfer(letter("Still here"), queueID: id) == .proceed)
            #expect(try await own.story(of: id).outcome == "captured")
        }

        @Test func `SIGHUP: a new database login and a new log level take effect`() async throws {
            let client = try own.connect()
            let (id, login) = (Letter.unique(), "mx_\(Letter.unique())")
            try host.postgres.query("CREATE ROLE \(login) LOGIN IN ROLE lever_ingest")
            let database = host.postgres.connectionString(database: MailHost.database, user: login)
            try own.configure("database: \(database)\nlog_level: warning\nsocket_mode: 0600")
            own.current.send(SIGHUP)
            try await own.current.line(with: "warning: reloaded")
            try await waitUntil("the new login to be used") {
                try host.postgres.query("SELECT count(*) FROM pg_stat_activity WHERE usename = '\(login)'") == "1"
            }
            #expect(try client.transfer(letter("Quiet"), queueID: id) == .proceed)
            try await waitUntil("it to be stored") {
                try host.query("SELECT count(*) FROM lever.message WHERE queue_id = '\(id)'") == "1"
            }
            #expect(try own.stories(of: id).isEmpty)
        }
    }
}
