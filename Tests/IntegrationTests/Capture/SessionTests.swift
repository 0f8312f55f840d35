import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Sessions {
        @Test(arguments: [[true, false], [false, true], [true, true], [false, false, true]])
        func `only the marked one of two messages in a session is stored, in either order`(
            _ marked: [Bool]
        ) async throws {
            let host = try MailHost.shared.get()
            let client = try SMTPClient(port: host.postfix.port())
            let letters = marked.map { marked in
                marked ? Letter("Marked").answering(host.acme.marker) : Letter("Unmarked")
            }
            let ids = try letters.map {
                try client.send($0.bytes, from: "anna@home.example", to: ["rita@acme.example"])
            }
            try client.quit()

            for (id, marked) in zip(ids, marked) {
                let delivered = try await host.delivered(id)
                #expect(delivered.count == 1)
                if marked {
                    #expect(try await host.story(of: id).outcome == "captured")
                    try await expectFaithful(id, host)
                } else {
                    #expect(try host.stories(of: id).isEmpty)
                    #expect(try host.query("SELECT count(*) FROM lever.message WHERE queue_id = '\(id)'") == "0")
                }
            }
        }

        @Test func `a message to several recipients is one entry on the timeline`() async throws {
            let host = try MailHost.shared.get()
            let recipients = (1...20).map { "person\($0)@acme.example" } + ["list@home.example"]
            let id = try host.send(Letter("To many").answering(host.acme.marker), to: recipients)
            try await expectFaithful(id, host, copies: recipients.count)
            #expect(
                try host.query(
                    "SELECT count(*), sum(cardinality(recipient_indices)) FROM lever.message WHERE queue_id = '\(id)'")
                    == "1|\(recipients.count)")
        }

        @Test func `a message ended by RSET or by a lost connection leaves nothing behind`()
            async throws
        {
            let host = try MailHost.shared.get()
            try await waitUntil("earlier messages to be delivered") {
                try Command.check(["find", host.spool + "/new", "-type", "f"]).isEmpty
            }
            let before = try host.query("SELECT count(*) FROM lever.message")
            let reset = try SMTPClient(port: host.postfix.port())
            try reset.envelope(from: "anna@home.example", to: ["rita@acme.example"])
            #expect(try reset.command("RSET").code == 250)

            // Postfix shows a message to filters when it has all of it: this one it never shows.
            var cut: SMTPClient? = try SMTPClient(port: host.postfix.port())
            try cut?.envelope(from: "anna@home.example", to: ["rita@acme.example"])
            #expect(try cut?.command("DATA").code == 354)
            try cut?.send(Letter("Cut off").answering(host.acme.marker).bytes)
            cut = nil

            let id = try reset.send(
                Letter("After the reset").answering(host.acme.marker).bytes, from: "anna@home.example",
                to: ["rita@acme.example"])
            #expect(try await host.story(of: id).outcome == "captured")
            #expect(try host.query("SELECT count(*) - \(before) FROM lever.message") == "1")
            #expect(try Command.check(["find", host.spool + "/tmp", "-type", "f"]).isEmpty)
        }

        @Test func `many concurrent sessions with several messages each have everything stored once`() async throws {
            let host = try MailHost.shared.get()
            let port = host.postfix.port()
            let ids = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let client = try SMTPClient(port: port)
                        return try (0..<5).map { _ in
                            try client.send(
                                Letter("At once").answering(host.acme.marker).bytes, from: "anna@home.example",
                                to: ["rita@acme.example"])
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(ids.count == 40)
            for id in ids { #expect(try await host.story(of: id).outcome == "captured") }
            let list = ids.map { "'\($0)'" }.joined(separator: ",")
            #expect(
                try host.query(
                    "SELECT count(*), count(DISTINCT queue_id) FROM lever.message WHERE queue_id IN (\(list))")
                    == "40|40")
        }
    }
}
