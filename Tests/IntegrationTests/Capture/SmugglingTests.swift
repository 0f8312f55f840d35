import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Data that some mail servers read as one message and others as two. However Postfix reads it, each message that
    /// it accepts is judged by its own header.
    @Suite
    struct Smuggling {
        struct End: CustomTestStringConvertible, Sendable {
            let text: String
            var testDescription: String { text.debugDescription }
        }

        static let ends = [
            "\n.\r\n", "\r\n.\n", "\n.\n", "\r.\r\n", "\r.\r", "\n.\r", "\r\n.\r",
            "\r\n.\r\r\n", "\0\r\n.\r\n", "\r\n.\0\r\n", "\r\n\0.\r\n", "\r\n.\r\n",
        ].map(End.init)

        @Test(
            arguments: ends
        )
        func `a marker in a smuggled message does not count for the message around it, nor the other way round`(
            _ end: End
        )
            async throws
        {
            let host = try MailHost.shared.get()
            for (outer, inner) in [(true, false), (false, true)] {
                let ids = try send(letter(marked: outer, host), end, letter(marked: inner, host), host)
                #expect((1...2).contains(ids.count))
                for id in ids {
                    let delivered = try await host.delivered(id)[0]
                    let header =
                        delivered.untraced.split(separator: [10, 10], maxSplits: 1).first.map(Array.init) ?? []
                    guard header.contains("In-Reply-To: \(host.acme.marker)") else {
                        #expect(try host.stories(of: id).isEmpty, "outer \(outer)")
                        #expect(try host.query("SELECT count(*) FROM lever.message WHERE queue_id = '\(id)'") == "0")
                        continue
                    }
                    #expect(try await host.story(of: id).outcome == "captured", "outer \(outer)")
                    // Neither entry has a byte of the other message.
                    if ids.count > 1 { try await expectFaithful(id, host) }
                }
            }
        }

        @Test func `control: a plain end of data makes two messages, and the second one is seen`()
            async throws
        {
            let host = try MailHost.shared.get()
            let ids = try send(letter(marked: true, host), End(text: "\r\n.\r\n"), letter(marked: true, host), host)
            #expect(ids.count == 2)
            for id in ids { #expect(try await host.story(of: id).outcome == "captured") }
        }

        @Test func `a header of 5 MB is delivered unchanged and recorded as too large`() async throws {
            let host = try MailHost.shared.get()
            var letter = Letter("Large header")
            for number in 0..<5000 { letter = letter.with("X-\(number)", String(repeating: "x", count: 980)) }
            letter = letter.answering(host.acme.marker)
            let id = try host.send(letter)
            #expect(try await host.story(of: id).outcome == "too_large")
            #expect(try await host.delivered(id)[0].untraced.withCRLF == letter.bytes)
        }

        private func letter(marked: Bool, _ host: MailHost) -> Letter {
            let letter = Letter("Smuggled", body: "Body.")
            return marked ? letter.answering(host.acme.marker) : letter
        }

        /// Sends one message, a possible end of data, and a second message, in one go. Returns the queue IDs of what
        /// was accepted.
        private func send(_ outer: Letter, _ end: End, _ inner: Letter, _ host: MailHost) throws -> [String] {
            let client = try SMTPClient(port: host.postfix.port())
            try client.envelope(from: "anna@home.example", to: ["rita@acme.example"])
            #expect(try client.command("DATA").code == 354)
            let envelope = "MAIL FROM:<anna@home.example>\r\nRCPT TO:<rita@acme.example>\r\nDATA\r\n"
            try client.send(
                outer.bytes + Array(end.text.utf8) + Array(envelope.utf8) + inner.bytes
                    + Array("\r\n.\r\nQUIT\r\n".utf8))
            var ids: [String] = []
            while true {
                let reply = try client.reply()
                if let id = reply.queueID { ids.append(id) }
                if reply.code == 221 { return ids }
            }
        }
    }
}
