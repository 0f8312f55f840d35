import TestSupport
import Testing

extension IntegrationTests {
    /// docs/howto/modes.md has a row for each of these.
    @Suite
    struct ForwardingLoops {
        /// A way on which the copy, or its effect, passes a mail host again.
        struct Way: CustomTestStringConvertible, Sendable {
            let testDescription: String
            var from = "anna@home.example"
            /// Local parts in the company.
            var to = ["rita"]
            var isSecondHost = false
            var change: @Sendable ([UInt8]) -> [UInt8] = { $0 }
            var outcome = "duplicate"
            var forwarded = "before"
        }

        static let ways = [
            Way(testDescription: "a second host, which the recipient's copy passes", isSecondHost: true),
            Way(testDescription: "a mailbox rule of a colleague's that sends it on", to: ["paul"]),
            Way(
                testDescription: "a rule at the forward address that sends it back, in the sender's name",
                from: "SRS0=x=y=home.example=anna@inbox.example"),
            Way(
                testDescription: "a mailing list that rewrites From and Subject and adds a footer",
                from: "list-bounces@lists.example", to: ["rita", "paul"],
                change: { message in
                    message.replacing(
                        "From: Anna Berg <anna@home.example>", with: "From: Anna via List <l@lists.example>"
                    )
                    .replacing("Subject: ", with: "Subject: [list] ") + Array("-- \r\nthe list\r\n".utf8)
                }, outcome: "captured"),
            Way(
                testDescription: "sent on by hand with its header, by the null sender", from: "",
                change: { Array("Resent-From: paul@home.example\r\n".utf8) + $0 }),
            Way(
                testDescription: "sent back by the forward address itself", from: "{forward}",
                change: { $0.replacing("X-Lever-Forwarded", with: "X-Lost") }, forwarded: "recipient"),
        ]

        @Test(arguments: ways)
        func `a forwarded message is not forwarded again, whichever way it comes back`(_ way: Way) async throws {
            let site = try await ForwardingSite("store+forward")
            let company = site.company
            let id = try company.host.send(site.letter(), to: [company.address])
            #expect(try await company.host.story(of: id).values["forwarded"] == "yes")
            let copy = try #require(try await site.copies(id, on: company.host.postfix)[site.address])
            let second = try way.isSecondHost ? OwnMailHost("mx2.\(company.domain)") : nil
            let story = try await site.pass(
                way.change(copy.untraced.withCRLF), from: way.from.replacing("{forward}", with: site.address),
                to: way.to.map { "\($0)@\(company.domain)" }, by: second)
            #expect(story.outcome == way.outcome && story.values["forwarded"] == way.forwarded, "\(story.line)")
        }

        @Test func `with forwarding alone, a copy that comes back has its own reason code`() async throws {
            let site = try await ForwardingSite("forward")
            let host = site.company.host
            let id = try host.send(site.letter(), to: [site.company.address])
            let copy = try #require(try await site.copies(id, on: host.postfix)[site.address])
            let story = try await site.pass(
                copy.untraced.withCRLF, from: "list-bounces@lists.example", to: ["paul@\(site.company.domain)"])
            #expect(story.outcome == "already_forwarded" && story.values["forwarded"] == "before")
            #expect(try await host.recorded(story.queueID) == "already_forwarded")
        }

        @Test func `a relay that passes a mail through the filter twice: the forward address is already a recipient`()
            async throws
        {
            let site = try await ForwardingSite("store+forward")
            let host = site.company.host
            let letter = site.letter()
            let first = try host.send(letter, to: [site.company.address], by: .relay)
            #expect(try await host.story(of: first).values["forwarded"] == "yes")
            let copies = try await waitFor("both copies") {
                let copies = try host.postfix.maildir.messages(with: letter.messageID)
                return copies.count >= 2 ? copies : nil
            }
            #expect(
                copies.compactMap { $0.trace("Delivered-To") }.sorted()
                    == [site.address, site.company.address].sorted())
            let second = try #require(copies.first?.queueID)
            let story = try await host.story(of: second)
            #expect(story.outcome == "duplicate" && story.values["forwarded"] == "recipient")
        }

        @Test
        func `a bounce or an automatic reply is forwarded once as well, and starts no loop`()
            async throws
        {
            let site = try await ForwardingSite("store+forward")
            let host = site.company.host
            let id = try host.send(site.letter(), to: [site.company.address])
            let copy = try #require(try await site.copies(id, on: host.postfix)[site.address])
            // A bounce about the copy: a message of its own, with the copy's header in its body.
            var bounce = site.letter("Undelivered Mail Returned to Sender")
            bounce.fields[0].value = "Mail Delivery System <MAILER-DAEMON@inbox.example>"
            bounce.body = Array("The address is unknown.\r\n\r\n".utf8) + copy.untraced.withCRLF
            let bounced = try host.send(bounce, from: "", to: [site.company.address])
            #expect(try await host.story(of: bounced).values["forwarded"] == "yes")
            let copies = try await site.copies(bounced, on: host.postfix)
            #expect(Set(copies.keys) == [site.address, site.company.address])
            #expect(copies.values.allSatisfy { $0.trace("Return-Path") == "<>" })
            // That one comes back too.
            let again = try await site.pass(
                try #require(copies[site.address]).untraced.withCRLF, from: "", to: [site.company.address])
            #expect(again.values["forwarded"] == "before")
        }
    }
}
