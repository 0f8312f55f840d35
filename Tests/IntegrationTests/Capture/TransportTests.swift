import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Transport {
        @Test func `a message of 25 MiB is stored whole`() async throws {
            let host = try MailHost.shared.get()
            var letter = Letter("Large").answering(host.acme.marker)
            let line = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/01234567890\r\n".utf8)
            letter.body = Array(repeatElement(line, count: 25 * 1_048_576 / line.count).joined())
            let client = try SMTPClient(port: host.postfix.port())
            let id = try client.sendChunks(
                letter.bytes, of: 1_048_576, from: "anna@home.example", to: ["rita@acme.example"])
            try client.quit()
            #expect(try await host.story(of: id, timeout: 60).outcome == "captured")
            try await expectFaithful(id, host)
        }

        @Test func `a message over the limit is delivered, not stored, and recorded as too large`() async throws {
            let host = try MailHost.shared.get()
            var letter = Letter("Too large").answering(host.acme.marker)
            let line = Array(repeating: UInt8(ascii: "x"), count: 998) + [13, 10]
            letter.body = Array(repeatElement(line, count: 27_001).joined())
            let client = try SMTPClient(port: host.postfix.port())
            let id = try client.sendChunks(
                letter.bytes, of: 1_048_576, from: "anna@home.example", to: ["rita@acme.example"])
            #expect(try await host.story(of: id).outcome == "too_large")
            #expect(try await host.recorded(id) == "too_large")
            #expect(try await host.delivered(id).count == 1)
            #expect(try host.query("SELECT count(*) FROM lever.message WHERE queue_id = '\(id)'") == "0")
            #expect(try Command.check(["find", host.spool + "/tmp", host.spool + "/new", "-type", "f"]).isEmpty)
        }

        @Test(arguments: ["BODY=8BITMIME", "BODY=7BIT", ""])
        func `8-bit text passes unchanged, announced as 8BITMIME or not`(_ parameters: String) async throws {
            let host = try MailHost.shared.get()
            var letter = Letter("8 bits").answering(host.acme.marker).with("X-Name", "Jürgen")
            letter.body = Array("Grüße aus Köln\r\n".utf8) + [0xe4, 0xf6, 0xfc, 13, 10]
            let client = try SMTPClient(port: host.postfix.port())
            let id = try client.send(
                letter.bytes, from: "anna@home.example", to: ["rita@acme.example"], parameters: parameters)
            #expect(try await host.story(of: id).outcome == "captured")
            try await expectFaithful(id, host)
        }

        @Test func `addresses and header fields in UTF-8 (SMTPUTF8) are captured`() async throws {
            let host = try MailHost.shared.get()
            let client = try SMTPClient(port: host.postfix.port())
            #expect(client.extensions.contains("SMTPUTF8"))
            let letter = Letter("Επιβεβαίωση – 確認").answering(host.acme.marker).with("Cc", "用户 <用户@acme.example>")
            let id = try client.send(
                letter.bytes, from: "άννα@παράδειγμα.example", to: ["用户@acme.example"],
                parameters: "SMTPUTF8 BODY=8BITMIME")
            #expect(try await host.story(of: id).values["direction"] == "inbound")
            try await expectFaithful(id, host)
        }

        @Test(arguments: [1, 7, 100, 65536])
        func `if Postfix offers CHUNKING, a message in chunks of any size is captured`(_ size: Int) async throws {
            let host = try MailHost.shared.get()
            let client = try SMTPClient(port: host.postfix.port())
            #expect(client.extensions.contains("CHUNKING"))
            let letter = Letter("In chunks", body: ".\r\n..\r\nlines of dots\r\n").answering(host.acme.marker)
            let id = try client.sendChunks(
                letter.bytes, of: size, from: "anna@home.example", to: ["rita@acme.example"])
            #expect(try await host.story(of: id).outcome == "captured")
            try await expectFaithful(id, host)
        }

        @Test func `if Postfix does not offer CHUNKING, the message is sent with DATA and captured`() async throws {
            let host = try MailHost.shared.get()
            let client = try SMTPClient(port: host.postfix.port(.withoutChunking))
            #expect(!client.extensions.contains("CHUNKING"))
            let id = try client.send(
                Letter("By DATA").answering(host.acme.marker).bytes, from: "anna@home.example",
                to: ["rita@acme.example"])
            #expect(try await host.story(of: id).outcome == "captured")
            try await expectFaithful(id, host)
        }

        @Test func `a client that sends everything at once (PIPELINING) makes no difference`() async throws {
            let host = try MailHost.shared.get()
            let client = try SMTPClient(port: host.postfix.port())
            for _ in 0..<3 {
                let id = try client.pipeline(
                    Letter("Pipelined").answering(host.acme.marker).bytes, from: "anna@home.example",
                    to: ["rita@acme.example", "paul@acme.example"])
                #expect(try await host.story(of: id).outcome == "captured")
                try await expectFaithful(id, host, copies: 2)
            }
        }

        @Test func `the how-to's swaks command sends a reply that is captured`() async throws {
            let host = try MailHost.shared.get()
            let output = try Command.check([
                "swaks", "--server", "127.0.0.1:\(host.postfix.port())", "--from", "anna@home.example", "--to",
                "rita@acme.example", "--header", "Subject: a reply", "--header", "In-Reply-To: \(host.acme.marker)",
                "--body", "Hello",
            ])
            let line = try #require(output.split(separator: "\n").first { $0.contains("queued as ") })
            let id = String(try #require(line.split(separator: " ").last))
            #expect(try await host.story(of: id).outcome == "captured")
            try await expectFaithful(id, host)
        }
    }
}
