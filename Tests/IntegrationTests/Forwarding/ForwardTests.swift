import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Postfix delivers each recipient's copy into one maildir, the forward address's too.
    @Suite
    struct Forwarding {
        @Test
        func `a message is stored and forwarded, and the forward address gets what the recipients get`()
            async throws
        {
            let site = try await ForwardingSite("store+forward")
            let host = site.company.host
            let letter = site.letter()
            for (from, to) in [
                ("anna@home.example", site.company.address), (site.company.address, "anna@home.example"),
            ] {
                let id = try host.send(letter, from: from, to: [to])
                let story = try await host.story(of: id)
                // The second time it is a duplicate.
                #expect(story.outcome == (from == site.company.address ? "duplicate" : "captured"))
                #expect(story.values["forwarded"] == "yes")
                let copies = try await site.copies(id, on: host.postfix)
                #expect(copies.keys.sorted() == [site.address, to].sorted())
                for copy in copies.values {
                    // One additional field, at the end, where it breaks no signature.
                    let text = String(decoding: copy.untraced.withCRLF, as: UTF8.self)
                    let token = try #require(text.firstMatch(of: /\r\n(X-Lever-Forwarded: lvf1\.[a-z2-7]{53})\r\n\r\n/))
                    expectEqual(
                        Array(text.replacing("\(token.1)\r\n", with: "").utf8), letter.bytes)
                    #expect(copy.trace("Return-Path") == "<\(from)>")
                }
            }
            let messages = try site.company.timeline(site.thread.candidate).messages
            #expect(messages.count == 1)
            let stored = try site.company.ctl.check(
                "message", "export", messages[0].entry, "--company", site.company.name, "--private-key",
                site.company.privateKey, "--out", "-")
            expectEqual(stored, letter.bytes)
            #expect(try host.log().allSatisfy { !$0.contains("inbox.example") })
        }

        @Test func `a message that is only forwarded is recorded, and none of it is stored`() async throws {
            let site = try await ForwardingSite("forward")
            let host = site.company.host
            let letter = site.letter()
            let id = try host.send(letter, to: [site.company.address])
            let story = try await host.story(of: id)
            #expect(story.outcome == "forwarded" && story.values["forwarded"] == "yes")
            #expect(try await Set(site.copies(id, on: host.postfix).keys) == [site.address, site.company.address])
            #expect(try await host.recorded(id) == "forwarded")
            #expect(
                try host.query("SELECT direction, size FROM lever.delivery WHERE queue_id = '\(id)'")
                    == "inbound|\(letter.bytes.count)")
            #expect(try site.company.timeline(site.thread.candidate).messages.isEmpty)
            #expect(try !host.log().contains { $0.contains("\(id): spooled") })
        }

        @Test func `unmarked mail and mail that must not be captured are not forwarded either`() async throws {
            let site = try await ForwardingSite("store+forward")
            let company = site.company
            try company.ctl.check("never-log", "add", "silent.example", "--company", company.name)
            try await company.changesAreKnown()
            let forged = String(site.thread.messageId.map { $0 == "a" ? "b" : $0 })
            for (letter, from) in [
                (Letter("Lunch"), "anna@home.example"), (site.letter(), "anna@silent.example"),
                (Letter("Forged").answering(forged), "anna@home.example"),
            ] {
                let id = try company.host.send(letter, from: from, to: [company.address])
                let copies = try await site.copies(id, on: company.host.postfix)
                #expect(copies.keys.map(\.self) == [company.address])
                #expect(!copies.values.contains { $0.bytes.contains("X-Lever-Forwarded") })
            }
        }

        @Test func `mail submitted with sendmail is forwarded, with or without a Message-ID`()
            async throws
        {
            let site = try await ForwardingSite("store+forward")
            let host = site.company.host
            for hasID in [true, false] {
                let word = Letter.unique()
                var letter = site.letter()
                letter.fields[2].value = word
                if !hasID { letter.fields.removeAll { $0.name == "Message-ID" } }
                try host.postfix.submit(
                    letter.bytes.replacing("\r\n", with: "\n"), from: site.company.address, to: ["anna@home.example"])
                let id = try await waitFor("delivery") { try host.postfix.maildir.messages(with: word).first?.queueID }
                let story = try await host.story(of: id)
                #expect(story.outcome == "captured" && story.values["forwarded"] == "yes")
                let copies = try await site.copies(id, on: host.postfix)
                #expect(Set(copies.keys) == [site.address, "anna@home.example"])

                // The copy, with the Message-ID that Postfix gave it, passes again.
                let copy = try #require(copies[site.address]).untraced.withCRLF
                let again = try await site.pass(copy, from: site.company.address, to: ["paul@\(site.company.domain)"])
                #expect(again.values["forwarded"] == "before")
            }
        }

        // MARK: The forward address's next hop

        @Test
        func `if the next hop refuses the copy, the sender gets no bounce, unlike for a recipient of the message`()
            async throws
        {
            let site = try await ForwardingSite("store+forward", domain: "refused.example")
            let company = site.company
            let port = try Loopback.freePort()
            // Offers DSN or not: Postfix bounces what is refused in the session itself.
            let sink = try ChildProcess(
                ["smtp-sink", "-u", "nobody", "-f", "RCPT", "127.0.0.1:\(port)", "10"],
                output: company.directory.file("sink"))
            try await waitUntil("the next hop") { Loopback.answers(port: port) }
            let postfix = try PostfixInstance(
                settings: """
                    smtpd_milters = inet:127.0.0.1:\(company.host.proxy.port)
                    transport_maps = inline:{ { refused.example = smtp:[127.0.0.1]:\(port) } }
                    """)
            defer {
                _ = try? postfix.stop()
                _ = try? sink.stop()
            }
            let sender = "anna-\(company.word)@home.example"
            func bounces() throws -> [Maildir.Message] {
                try postfix.maildir.messages(with: "Undelivered Mail").filter { $0.trace("Delivered-To") == sender }
            }
            func send(to recipients: String...) throws -> String {
                let client = try SMTPClient(port: postfix.port())
                let id = try client.send(site.letter().bytes, from: sender, to: recipients)
                try client.quit()
                return id
            }

            let id = try send(to: company.address)
            try await postfix.isDone(with: id)
            let log = try postfix.mailLog()
            #expect(log.contains("\(id): to=<\(site.address)>") && log.contains("status=bounced"))
            #expect(!log.contains("\(id): sender non-delivery notification"))
            #expect(try bounces().isEmpty)
            #expect(try await company.host.story(of: id).values["forwarded"] == "yes")

            let own = try send(to: company.address, site.address)
            let story = try await company.host.story(of: own)
            #expect(story.values["forwarded"] == "recipient", "\(story.line)")
            try await waitUntil("the bounce") { try bounces().count == 1 }
            #expect(try postfix.mailLog().contains("\(own): sender non-delivery notification"))
        }
    }
}
