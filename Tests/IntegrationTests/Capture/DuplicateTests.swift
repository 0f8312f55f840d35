import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Duplicates {
        @Test func `a message that passes the filter twice by way of a relay is stored once`()
            async throws
        {
            let host = try MailHost.shared.get()
            let name = Letter.unique()
            let letter = Letter("By a relay", id: name).answering(host.acme.marker)
            let first = try host.send(letter, by: .relay)
            let message = try await waitFor("delivery") {
                try host.postfix.maildir.messages(with: "<\(name)@home.example>").first
            }
            let second = try #require(message.queueID)
            #expect(first != second)

            let outcomes = [try await host.story(of: first).outcome, try await host.story(of: second).outcome]
            #expect(outcomes == ["captured", "duplicate"])
            #expect(
                try host.query("SELECT count(*) FROM lever.message WHERE queue_id IN ('\(first)', '\(second)')") == "1")
            #expect(try await host.recorded(second) == "duplicate")
        }

        @Test func `the same message sent again is stored once, though its trace fields differ`() async throws {
            let host = try MailHost.shared.get()
            let letter = Letter("Again").answering(host.acme.marker)
            var copy = letter
            copy.fields.insert(("Received", "from elsewhere by here; Mon, 23 Nov 2026 09:13:00 +0100"), at: 0)
            let first = try host.send(letter)
            #expect(try await host.story(of: first).outcome == "captured")
            let second = try host.send(copy, to: ["paul@acme.example"])
            #expect(try await host.story(of: second).outcome == "duplicate")
        }

        @Test func `another message with a used Message-ID is stored as well`() async throws {
            let host = try MailHost.shared.get()
            let name = Letter.unique()
            for body in ["The first text\r\n", "Another text\r\n"] {
                let id = try host.send(Letter("Same id", id: name, body: body).answering(host.acme.marker))
                #expect(try await host.story(of: id).outcome == "captured")
                try await expectFaithful(id, host)
            }
        }
    }
}
