import Core
import TestSupport
import Testing

extension IntegrationTests {
    /// Threads as mail systems alter them: other ids, no references, to and from others than the candidate.
    @Suite
    struct Conversations {
        @Test(arguments: ConversationFile.names)
        func `a thread stays whole whatever mail systems do to its ids`(_ name: String) async throws {
            let company = try await OwnCompany()
            let candidate = "anna+\(company.word)@home.example"
            let thread = try company.startThread(candidate: company.addCandidate(candidate))
            try company.ctl.check("company", "set", company.name, "--stamp", "on")
            try await company.changesAreKnown()
            let file = try ConversationFile(
                name,
                replacing: [
                    "DOMAIN": company.domain, "CANDIDATE": candidate, "MARKER": thread.messageId, "WORD": company.word,
                ])
            #expect(file.messages.count >= 2)
            for (index, message) in file.messages.enumerated() {
                let client = try SMTPClient(port: company.host.postfix.port())
                let id = try client.send(message.bytes, from: message.sender, to: [message.recipient])
                try client.quit()
                let story = try await company.host.story(of: id)
                #expect(story.outcome == message.outcome, "message \(index)")
                #expect(story.values["direction"] == message.direction, "message \(index)")
                #expect(story.values["matched"] == message.matched, "message \(index)")
                #expect(story.values["thread"] == "\(thread.thread)", "message \(index)")
                let labels = try company.host.query(
                    "SELECT array_to_string(labels, ',') FROM lever.message WHERE entry_id = '\(story.entry)'")
                #expect(Set(labels.split(separator: ",").map(String.init)) == Set(message.labels), "message \(index)")
                // The original goes out stamped if it has X-Lever-Thread, and unchanged if not.
                let copy = try await company.host.delivered(id)[0]
                if name == "amazon-ses", index == 0 {
                    #expect(
                        String(decoding: copy.untraced, as: UTF8.self).contains("\nReferences: \(thread.messageId)\n"))
                } else {
                    expectEqual(copy.untraced.withCRLF, message.bytes)
                }
            }
            let timeline = try company.timeline(thread.candidate)
            #expect(timeline.messages.count == file.messages.count)
            #expect(timeline.messages.allSatisfy { $0.thread == thread.thread && $0.error == nil })
        }

        @Test
        func
            `mail that names nothing of the thread passes unread, and so do answers to mail whose id was planted`()
            async throws
        {
            let company = try await OwnCompany()
            let host = company.host
            let thread = try company.startThread()
            // Mallory, a candidate, uses the id of somebody else's mail, and sends it for somebody else in the envelope.
            let stolen = Letter("Mine", id: "minutes-\(company.word)").answering(thread.messageId)
            #expect(
                try await host.story(of: host.send(stolen, from: "chair@club.example", to: [company.address])).outcome
                    == "captured")
            // A colleague does so, and as if Microsoft had kept the id.
            let inside = Letter("Ours", id: "board-\(company.word)").from("tom@\(company.domain)")
                .answering(thread.messageId)
            let kept = Letter("Kept").from("tom@\(company.domain)").with("References", thread.messageId)
                .with("X-Microsoft-Original-Message-ID", "<kept-\(company.word)@club.example>")
            for (letter, to) in [(inside, company.address), (kept, "anna@home.example")] {
                let story = try await host.story(of: host.send(letter, from: "tom@\(company.domain)", to: [to]))
                #expect(story.outcome == "captured")
            }
            for (letter, from, to) in [
                (
                    Letter("Re: Board").from(company.address).to("cfo@\(company.domain)").answering(inside.messageID),
                    company.address, "cfo@\(company.domain)"
                ),
                (
                    Letter("Re: Kept").from(company.address).to("anna@home.example")
                        .answering("<kept-\(company.word)@club.example>"),
                    company.address, "anna@home.example"
                ),
                (
                    Letter("Re: Minutes").from(company.address).to("chair@club.example").answering(stolen.messageID),
                    company.address, "chair@club.example"
                ),
                (
                    Letter("Re: Minutes").answering("<other-\(company.word)@home.example>"), "anna@home.example",
                    company.address
                ),
            ] {
                let (id, counts) = try await host.proxy.counting {
                    let id = try host.send(letter, from: from, to: [to])
                    _ = try await host.delivered(id)
                    return id
                }
                #expect(try host.stories(of: id).isEmpty)
                #expect(counts["N"]?.packets == 1 && counts["B"] == nil, "the body was never sent to the filter")
            }
        }

        @Test func `unsigned markers are refused with a reason code, or accepted if the correspondent is a candidate`()
            async throws
        {
            let company = try await OwnCompany()
            let host = company.host
            let address = "anna+\(company.word)@home.example"
            let candidate = try company.addCandidate(address)
            let marker = "<d4e5-\(company.word)@hire.lever.co>"
            let reply = { (subject: String) in Letter(subject).from(address).answering(marker) }
            let refused = try await host.story(of: host.send(reply("Re: Lever"), from: address, to: [company.address]))
            #expect(refused.outcome == "unsigned_marker" && refused.values["company"] == "\(company.id)")
            #expect(try await host.recorded(refused.queueID) == "unsigned_marker")

            try company.ctl.check("company", "set", company.name, "--unsigned-markers", "known")
            try await company.changesAreKnown()
            // The host's learned ids are read after its routing.
            let first = try await waitFor("the candidate to be known") {
                let id = try host.send(reply("Re: Lever"), from: address, to: [company.address])
                let story = try await host.story(of: id)
                return story.outcome == "captured" ? story : nil
            }
            let stranger = try await host.story(
                of: host.send(
                    Letter("Re: Lever").answering(marker), from: "ben@home.example", to: [company.address]))
            #expect(stranger.outcome == "unsigned_marker", "From is nobody's whom the company knows")
            let readTwice = [
                "\(address) <eve@eve.example>", "\(address)(x) <eve@eve.example>", "<\(address)> eve@eve.example",
            ]
            for from in readTwice {
                let read = try await host.story(
                    of: host.send(
                        Letter("Re: Lever").from(from).answering(marker), from: "eve@eve.example",
                        to: [company.address]))
                #expect(read.outcome == "unsigned_marker", "\(from)")
            }
            let answer = try await host.story(
                of: host.send(
                    Letter("Lever").from(company.address).answering(marker), from: company.address, to: [address]))
            #expect(answer.values["direction"] == "outbound" && answer.values["thread"] == first.values["thread"])
            let labels = try host.query(
                "SELECT DISTINCT array_to_string(labels, ',') FROM lever.message WHERE company_id = \(company.id)")
            #expect(labels == "unsigned_marker")
            #expect(try company.timeline(candidate).messages.count == 2)
        }

        @Test func `mail that a list, a forwarder or a colleague sends again comes in, unlike the company's own`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            let domain = company.domain
            let candidate = Letter("Again").answering(thread.messageId)
            func again(_ fields: (String, String)...) -> Letter {
                var letter = Letter("Again").answering(thread.messageId)
                for (name, value) in fields { letter = letter.with(name, value) }
                return letter
            }
            for (letter, sender, direction) in [
                (candidate, "jobs-bounces@\(domain)", "inbound"),
                (again(("List-Id", "<jobs.\(domain)>"), ("Precedence", "list")), "jobs+bncBA1@\(domain)", "inbound"),
                (again(("Resent-From", "paul@\(domain)")), "paul@\(domain)", "inbound"),
                (again(), "SRS0=abcd=XY=home.example=anna@\(domain)", "inbound"),
                (
                    again(("List-Id", "<jobs.\(domain)>")).from("\"'Anna' via Jobs\" <jobs@\(domain)>"),
                    "jobs+bncBA1@\(domain)", "inbound"
                ),
                (again().from("rita@\(domain), eve@eve.example"), "rita@\(domain)", "inbound"),
                (again().from("Rita <rita@\(domain)>"), "rita@\(domain)", "internal"),
                (again().from("Rita <rita@\(domain)>"), "bounces@relay.example", "internal"),
            ] as [(Letter, String, String)] {
                let story = try await company.host.story(
                    of: company.host.send(letter, from: sender, to: [company.address]))
                #expect(story.outcome == "captured" && story.values["direction"] == direction, "\(sender)")
            }
        }

        @Test func `a sender in the company's domain who failed authentication counts as outside`() async throws {
            let company = try await OwnCompany()
            let mailHost = try OwnMailHost("spoofed", configuration: "authserv_ids: [mx.\(company.domain)]\n")
            let thread = try company.startThread()
            let results = "mx.\(company.domain); dmarc=fail (p=none) header.from=\(company.domain)"
            let letter = Letter("Offer").from(company.address).answering(thread.messageId)
            let spoofed = try await mailHost.story(
                of: mailHost.send(
                    letter.with("Authentication-Results", results), from: company.address, to: "sam@\(company.domain)"))
            #expect(spoofed.values["direction"] == "inbound")
            #expect(spoofed.values["labels"]?.contains("spoofed_sender") == true)
            let own = try await mailHost.story(
                of: mailHost.send(
                    Letter("Offer 2").from(company.address).answering(thread.messageId), from: company.address,
                    to: "sam@\(company.domain)"))
            #expect(own.values["direction"] == "internal")
            let shown = try company.ctl.text(
                "timeline", "--company", company.name, "--candidate", "\(thread.candidate)", "--private-key",
                company.privateKey)
            #expect(shown.contains("forged company sender") && shown.contains("NOT who it claims to be"))
        }

        @Test
        func `learned ids reach another mail host, and stay while the database is down and after a restart`()
            async throws
        {
            let company = try await OwnCompany()
            let mailHost = try OwnMailHost("remembers")
            let thread = try company.startThread()
            let sent = Letter("Answer", id: "one-\(company.word)").from(company.address)
                .with("References", thread.messageId)
            let first = try await company.host.story(
                of: company.host.send(sent, from: company.address, to: ["anna@home.example"]))
            #expect(first.outcome == "captured")
            let copy = try await waitFor("the other host to have it on disk") {
                let path = "\(mailHost.spool)/learned"
                let index = try company.host.query(
                    """
                    SELECT min(encode(substring(id_index FOR 8), 'hex')) FROM lever.learned_id
                    WHERE entry_id = '\(first.entry)'
                    """
                )
                guard let bytes = try? contents(of: path), !index.isEmpty else { return String?.none }
                return bytes.hex.contains(index) ? index : nil
            }
            #expect(copy.count == 16)
            let reply = { (word: String) in Letter(word).answering(sent.messageID) }
            let second = try await mailHost.story(of: mailHost.send(reply("Second"), to: company.address))
            #expect(second.outcome == "captured" && second.values["labels"] == "learned_id")

            try mailHost.daemon.terminate()
            try mailHost.startWithoutDatabase()
            let id = try mailHost.send(reply("Third"), to: company.address)
            try await waitUntil("the reply to be in the spool") {
                try mailHost.log().contains { $0.hasPrefix("\(id): spooled") && $0.contains("labels=learned_id") }
            }
        }

        @Test func `later messages of a secret thread, removed message or anonymized candidate stay hidden`()
            async throws
        {
            let company = try await OwnCompany()
            let host = company.host
            let member = try company.addUser("tom", role: "team-member", email: "tom@\(company.domain)")
            let thread = try company.startThread()
            let sent = Letter("First", id: "one-\(company.word)").from(company.address).with(
                "References", thread.messageId)
            let first = try await host.story(of: host.send(sent, from: company.address, to: ["anna@home.example"]))
            try company.ctl.check("thread", "secret", "\(thread.thread)", "--company", company.name)
            // A reply recognised by its id alone belongs to the secret thread as well.
            let reply = Letter("Second").answering(sent.messageID)
            let second = try await host.story(of: host.send(reply, to: [company.address]))
            #expect(second.outcome == "captured" && second.values["labels"] == "learned_id")
            #expect(try company.timeline(thread.candidate, as: member).messages.isEmpty)
            #expect(try company.timeline(thread.candidate).messages.allSatisfy(\.secret))

            try company.ctl.check("message", "remove", first.entry, "--company", company.name)
            let again = try await host.story(of: host.send(sent, from: company.address, to: ["anna@home.example"]))
            #expect(again.outcome == "duplicate")
            let shown = try company.timeline(thread.candidate).messages
            #expect(shown.first { $0.entry == first.entry }?.removedAt != nil && shown.count == 2)

            try company.ctl.check(
                "candidate", "anonymize", "\(thread.candidate)", "--company", company.name, "--confirm", company.name)
            let third = Letter("Third").answering(thread.messageId)
            #expect(try await host.story(of: host.send(third, to: [company.address])).outcome == "erased")
            // Once the host has forgotten the id, which anonymizing does, this passes unread.
            let fourth = try host.send(Letter("Fourth").answering(sent.messageID), to: [company.address])
            _ = try await host.delivered(fourth)
            if try host.log().contains(where: { $0.hasPrefix("\(fourth): spooled ") }) {
                #expect(try await host.story(of: fourth).outcome == "erased")
            }
            #expect(
                try host.query(
                    """
                    SELECT count(*) FROM lever.message_key AS k JOIN lever.message AS m USING (company_id, entry_id)
                    WHERE m.company_id = \(company.id)
                    """) == "0")
        }
    }
}

extension Letter {
    /// The same message from somebody else.
    func from(_ address: String) -> Letter {
        var copy = self
        copy.fields[0].value = address
        return copy
    }

    /// The same message to somebody else.
    func to(_ address: String) -> Letter {
        var copy = self
        copy.fields[1].value = address
        return copy
    }
}
