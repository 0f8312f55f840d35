import Core
import Sealing
import TestSupport
import Testing

extension IntegrationTests {
    /// What Postfix sent to the filter is counted on the way: L is a header field, N the end of the header, B a piece
    /// of the body.
    @Suite
    struct Unread {
        @Test func `control: a marked message reaches the filter whole, and the same bytes are counted`() async throws {
            let host = try MailHost.shared.get()
            let letter = Letter("Counted").answering(host.acme.marker)
            let (id, counts) = try await host.proxy.counting { try host.send(letter) }
            #expect(counts["B"]?.bytes == letter.body.count)
            #expect(counts["L"]?.packets == letter.fields.count)
            #expect(try await host.story(of: id).outcome == "captured")
        }

        struct Envelope: CustomTestStringConvertible, Sendable {
            let testDescription: String
            let from: String
            let to: [String]
        }

        @Test(arguments: [
            Envelope(
                testDescription: "strangers", from: "a@one.example", to: ["b@two.example", "c@three.example"]),
            Envelope(testDescription: "full sync", from: "anna@home.example", to: ["hank@globex.example"]),
            Envelope(testDescription: "switched off", from: "gavin@hooli.example", to: ["anna@home.example"]),
            Envelope(testDescription: "a subdomain", from: "a@mail.acme.example", to: ["b@home.example"]),
            Envelope(testDescription: "a longer domain", from: "a@notacme.example", to: ["b@home.example"]),
        ])
        func `the filter sees the envelope but no header field of mail between domains without limited sync`(
            _ envelope: Envelope
        ) async throws {
            let host = try MailHost.shared.get()
            // Marked, to show that the envelope alone decides.
            let letter = Letter("Private").answering(host.acme.marker).with("References", host.globex.marker)
            let (id, counts) = try await host.proxy.counting {
                let id = try host.send(letter, from: envelope.from, to: envelope.to)
                _ = try await host.delivered(id, copies: envelope.to.count)
                return id
            }
            #expect(counts["R"]?.packets == envelope.to.count)
            #expect(counts["L"] == nil)
            #expect(counts["N"] == nil)
            #expect(counts["B"] == nil)
            #expect(try host.stories(of: id).isEmpty)
        }

        @Test func `the filter sees the header but not a byte of the body of a company's unmarked mail`() async throws {
            let host = try MailHost.shared.get()
            var letter = Letter("About something else").answering("<another@home.example>")
            letter.body = Array("In-Reply-To: \(host.acme.marker)\r\n\r\nA marker in the body is none.\r\n".utf8)
            let (id, counts) = try await host.proxy.counting {
                let id = try host.send(letter)
                _ = try await host.delivered(id)
                return id
            }
            #expect(counts["L"]?.packets == letter.fields.count)
            #expect(counts["B"] == nil)
            #expect(try host.stories(of: id).isEmpty)
        }

        @Test func `a marker in the subject does not count`() async throws {
            let host = try MailHost.shared.get()
            let (id, counts) = try await host.proxy.counting { try host.send(Letter("Re: \(host.acme.marker)")) }
            #expect(counts["B"] == nil)
            #expect(try host.stories(of: id).isEmpty)
        }

        @Test func `a message with a forged marker is recorded, and the filter does not see its body`() async throws {
            let host = try MailHost.shared.get()
            var marker = Array(host.acme.marker.utf8)
            // Within the MAC.
            marker[50] = marker[50] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
            try await expectRefused(
                Letter("Forged").answering(String(decoding: marker, as: UTF8.self)), host, as: "bad_signature")
        }

        @Test func `a message with a marker under an unknown key is recorded, and the filter does not see its body`()
            async throws
        {
            let host = try MailHost.shared.get()
            let marker = try issue(host.acme, thread: host.acme.thread, keyID: 200, key: [1, 2, 3])
            try await expectRefused(Letter("Unknown key").answering(marker), host, as: "unknown_key")
        }

        @Test func `a message with another company's marker is recorded, and the filter does not see its body`()
            async throws
        {
            let host = try MailHost.shared.get()
            try await expectRefused(Letter("Not yours").answering(host.initech.marker), host, as: "not_participant")
        }

        @Test
        func `limited sync does not admit a full sync company's marker: recorded, and the body not seen`()
            async throws
        {
            let host = try MailHost.shared.get()
            try await expectRefused(
                Letter("Full sync").answering(host.globex.marker), host, as: "not_limited",
                to: ["hank@globex.example", "rita@acme.example"])
        }

        @Test func `a message with a valid marker of a thread that the database does not know goes to quarantine`()
            async throws
        {
            let host = try MailHost.shared.get()
            let marker = try host.markerOfNoThread(of: host.acme)
            let id = try host.send(Letter("Unknown thread").answering(marker))
            let story = try await host.story(of: id)
            #expect(story.outcome == "unknown_thread")
            #expect(try await host.recorded(id) == "unknown_thread")
            #expect(try contents(of: "\(host.spool)/quarantine/\(story.entry)").count > 0)
        }

        private func issue(_ tenant: MailHost.Tenant, thread: Int64, keyID: UInt8, key: [UInt8]) throws -> String {
            try Marker.issue(
                company: CompanyID(rawValue: tenant.id), thread: ThreadID(rawValue: thread), domain: "hire.lever.co",
                keyID: keyID, key: HMACKey(key)
            ).messageID
        }

        private func expectRefused(
            _ letter: Letter, _ host: MailHost, as outcome: String, to: [String] = ["rita@acme.example"],
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let (id, counts) = try await host.proxy.counting {
                let id = try host.send(letter, to: to)
                _ = try await host.delivered(id, copies: to.count)
                return id
            }
            #expect(counts["L"]?.packets == letter.fields.count, sourceLocation: sourceLocation)
            #expect(counts["B"] == nil, sourceLocation: sourceLocation)
            #expect(try await host.story(of: id).outcome == outcome, sourceLocation: sourceLocation)
            #expect(try await host.recorded(id) == outcome, sourceLocation: sourceLocation)
            #expect(
                try host.query("SELECT count(*) FROM lever.message WHERE queue_id = '\(id)'") == "0",
                sourceLocation: sourceLocation)
        }
    }
}
