import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Directions {
        /// Who writes to whom.
        struct Way: CustomTestStringConvertible, Sendable {
            let testDescription: String
            let from: String
            let to: [String]
            let direction: String
        }

        static let ways = [
            Way(
                testDescription: "the candidate's reply comes in", from: "anna@home.example",
                to: ["rita@acme.example"], direction: "inbound"),
            Way(
                testDescription: "the recruiter's answer goes out", from: "rita@acme.example",
                to: ["anna@home.example"], direction: "outbound"),
            Way(
                testDescription: "a colleague is asked inside the company", from: "rita@acme.example",
                to: ["paul@acme.example"], direction: "internal"),
            Way(
                testDescription: "the colleague answers inside the company", from: "paul@acme.example",
                to: ["rita@acme.example"], direction: "internal"),
            Way(
                testDescription: "the answer goes out with a colleague in copy", from: "rita@acme.example",
                to: ["paul@acme.example", "anna@home.example"], direction: "outbound"),
            Way(
                testDescription: "a bounce with the null sender comes in", from: "", to: ["rita@acme.example"],
                direction: "inbound"),
            Way(
                testDescription: "domains in upper case", from: "RITA@ACME.EXAMPLE", to: ["anna@HOME.example"],
                direction: "outbound"),
        ]

        @Test(arguments: ways)
        func `a message of a thread is stored once with its direction, whoever writes to whom`(_ way: Way)
            async throws
        {
            let host = try MailHost.shared.get()
            let reply = Letter("Re: Interview").answering(host.acme.marker)
            let letter = way.from.isEmpty ? reply : reply.from(way.from)
            let id = try host.send(letter, from: way.from, to: way.to)

            let story = try await host.story(of: id)
            #expect(story.outcome == "captured")
            #expect(story.values["direction"] == way.direction)
            #expect(story.values["company"] == "\(host.acme.id)")
            #expect(story.values["thread"] == "\(host.acme.thread)")
            #expect(
                try host.query(
                    "SELECT direction, candidate_id, thread_id, entry_id FROM lever.message WHERE queue_id = '\(id)'")
                    == "\(way.direction)|\(host.acme.candidate)|\(host.acme.thread)|\(story.entry)")
            #expect(try await host.recorded(id) == "captured")
            #expect(try host.stories(of: id).count == 1)
            try await expectFaithful(id, host, copies: way.to.count)
        }

        @Test func `the message that starts a thread is captured by its Message-ID, References and X-Lever-Thread`()
            async throws
        {
            let host = try MailHost.shared.get()
            var letter = Letter("Your application").with("References", host.acme.marker)
                .with("X-Lever-Thread", host.acme.marker)
            letter.fields[4].value = host.acme.marker
            let id = try host.send(letter, from: "rita@acme.example", to: ["anna@home.example"])
            #expect(try await host.story(of: id).outcome == "captured")
        }

        @Test func `a message submitted with sendmail on the mail host itself is captured`() async throws {
            let host = try MailHost.shared.get()
            let name = Letter.unique()
            let letter = Letter("Handed in here", id: name).from("rita@acme.example").answering(host.acme.marker)
            let sendmail = try host.postfix.submit(
                letter.bytes.replacing("\r\n", with: "\n"), from: "rita@acme.example", to: ["anna@home.example"])
            #expect(sendmail.status == 0)

            let id = try await waitFor("delivery") {
                try host.postfix.maildir.messages(with: "<\(name)@home.example>").first?.queueID
            }
            let story = try await host.story(of: id)
            #expect(story.outcome == "captured")
            #expect(story.values["direction"] == "outbound")
            try await expectFaithful(id, host)
        }

        @Test func `a message is stored with the company of its marker and with no other`()
            async throws
        {
            let host = try MailHost.shared.get()
            for tenant in [host.acme, host.initech] {
                let letter = Letter("To both").answering(tenant.marker)
                let id = try host.send(letter, to: ["rita@acme.example", "bill@initech.example"])
                #expect(try await host.story(of: id).values["company"] == "\(tenant.id)")
                #expect(
                    try host.query("SELECT company_id FROM lever.message WHERE queue_id = '\(id)'") == "\(tenant.id)")
            }
        }
    }
}
