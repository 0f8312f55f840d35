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

        @Test func `a relay that breaks long lines, and a server that changes NULs, make no second message`()
            async throws
        {
            let host = try MailHost.shared.get()
            let long = (0..<250).map { "word\($0)" }.joined(separator: "-")
            var letter = Letter("Long lines", body: "\(long)\(long)\r\nNUL: \0.\r\n").answering(host.acme.marker)
            letter.fields[2].value = "Long \(long)"
            let first = try host.send(letter, by: .relay)
            let message = try await waitFor("delivery") {
                try host.postfix.maildir.messages(with: letter.messageID).first
            }
            #expect(!message.bytes.contains(long + long), "the relay broke the line")
            let second = try #require(message.queueID)
            #expect(try await host.story(of: first).outcome == "captured")
            #expect(try await host.story(of: second).outcome == "duplicate")
            var dovecots = letter
            dovecots.body = dovecots.body.map { $0 == 0 ? 0x80 : $0 }
            #expect(try await host.story(of: host.send(dovecots)).outcome == "duplicate")
        }

        @Test func `a copy of a mail in another thread, or with another boundary, keeps neither off its timeline`()
            async throws
        {
            let company = try await OwnCompany()
            let (host, checked) = (
                company.host, try OwnMailHost("copies", configuration: "authserv_ids: [mx.acme.example]\n")
            )
            let (hers, his) = (try company.startThread(), try company.startThread())
            func copy(_ thread: OwnCompany.Thread, _ verdict: String) -> Letter {
                Letter("My salary", id: "salary-\(company.word)").answering(thread.messageId)
                    .with("Authentication-Results", "mx.acme.example; dmarc=\(verdict) header.from=home.example")
            }
            for (letter, outcome) in [
                (copy(hers, "fail"), "captured"), (copy(his, "fail"), "captured"), (copy(his, "pass"), "duplicate"),
                (copy(his, "fail"), "duplicate"),
            ] {
                let id = try checked.send(letter, to: company.address)
                #expect(try await checked.story(of: id).outcome == outcome)
            }
            #expect(try company.timeline(his.candidate).messages.map(\.authentication) == ["pass"])
            #expect(try company.timeline(hers.candidate).messages.map(\.authentication) == ["fail"])

            let body = "--X\r\n\r\nI accept\r\n--X--\r\n\r\n--Y\r\n\r\nI refuse\r\n--Y--\r\n"
            for boundary in ["X", "Y"] {
                let letter = Letter("Offer", id: "offer-\(company.word)", body: body).answering(his.messageId)
                    .with("MIME-Version", "1.0").with("Content-Type", "multipart/mixed; boundary=\(boundary)")
                let story = try await host.story(of: host.send(letter, to: [company.address]))
                #expect(story.outcome == "captured")
            }
            // They say so of each other, and one is shown for both.
            let messages = try company.timeline(his.candidate).messages.filter { $0.subject == "Offer" }
            #expect(messages.count == 2)
            #expect(messages.map(\.copies) == messages.reversed().map { [$0.entry] })
            let options = [
                "--company", company.name, "--candidate", "\(his.candidate)", "--private-key", company.privateKey,
            ]
            let text = try company.ctl.text(["timeline"] + options)
            func count(_ text: String) -> Int { text.split(separator: "Subject  Offer").count - 1 }
            #expect(count(text) == 1 && text.contains("Copies  2 copies differ; --copies shows each"))
            #expect(try count(company.ctl.text(["timeline", "--copies"] + options)) == 2)
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

        @Test func `a message of two companies' threads is on both timelines, and a copy of it a duplicate of each`()
            async throws
        {
            let (one, other) = (try await OwnCompany(), try await OwnCompany())
            let host = one.host
            let threads = [try one.startThread(), try other.startThread()]
            let letter = Letter("To both", body: String(repeating: "All work and no play.\r\n", count: 60_000))
                .answering(threads[0].messageId).with("References", threads[1].messageId)
            for outcome in ["captured", "duplicate"] {
                let id = try host.send(letter, to: [one.address, other.address])
                let stories = try await waitFor("a line for each company") {
                    let stories = try host.stories(of: id)
                    return stories.count == 2 ? stories : nil
                }
                #expect(stories.map(\.outcome) == [outcome, outcome])
                #expect(Set(stories.map { $0.values["company"] }) == ["\(one.id)", "\(other.id)"])
                #expect(Set(stories.map(\.entry)).count == 2)
            }
            for (company, thread) in zip([one, other], threads) {
                let messages = try company.timeline(thread.candidate).messages
                #expect(messages.map(\.subject) == ["To both"] && messages[0].error == nil)
            }
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
