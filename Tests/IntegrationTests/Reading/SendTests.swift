import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// leverctl sends through a real submission server: Postfix, with Dovecot to authenticate users.
    @Suite
    struct Sending {
        private func timeline(_ candidate: Int64, of company: OwnCompany) throws -> [LeverCtlJSON.Timeline.Message] {
            let shown: LeverCtlJSON.Timeline = try company.ctl.json(
                "timeline", "--company", company.name, "--candidate", "\(candidate)", "--private-key",
                company.privateKey)
            return shown.messages
        }

        private func outbox(_ sender: Recruiter) throws -> [LeverCtlJSON.OutboxMessage] {
            try sender.ctl.json("outbox", "list", "--company", sender.company.name)
        }

        private func send(_ sender: Recruiter, _ arguments: [String]) throws -> LeverCtlJSON.Sent {
            let command = try sender.ctl.run(arguments + ["--json"], timeout: 60)
            guard command.status == 0 else { throw HarnessError("send: \(command.errors)") }
            return try LeverCtl.decode(command.output)
        }

        @Test
        func `a message that starts a thread is marked, sent through the user's account and on the timeline once`()
            async throws
        {
            let company = try await OwnCompany()
            let sender = try Recruiter(of: company)
            try sender.setAccount()
            let candidate = try company.addCandidate("joerg@home.example", name: "Jörg Müller")
            let pdf = try company.directory.write("Lebenslauf Müller.pdf", Array("%PDF-1.4\n\r\0end".utf8))
            let word = Letter.unique()
            let subject = "Gespräch \(word)"
            let sent = try send(sender, sender.arguments(subject, to: candidate, attach: [pdf]))

            let copies = try await waitFor("delivery") {
                let copies = try sender.site.postfix.maildir.messages(with: "X-Lever-Entry: ").filter {
                    $0.trace("Delivered-To") == "joerg@home.example" && $0.bytes.contains(company.domain)
                }
                return copies.isEmpty ? nil : copies
            }
            #expect(copies.count == 1)
            let text = String(decoding: copies[0].untraced, as: UTF8.self)
            #expect(copies[0].trace("Return-Path") == "<\(company.address)>")
            #expect(text.utf8.allSatisfy { $0 < 0x80 }, "it is ASCII on the wire")
            let id = try #require(text.firstMatch(of: /\nMessage-I[Dd]:\s+(<lv1\.[a-z2-7]{60}@hire\.lever\.co>)\n/)).1
            #expect(text.contains(/References:\s+<lv1/) && text.contains(/X-Lever-Thread:\s+<lv1/))
            #expect(text.components(separatedBy: String(id)).count == 4, "one marker in three fields")

            // The filter saw it, and it is one entry.
            #expect(["captured", "duplicate"].contains(sent.outcome))
            try await waitUntil("the filter's copy to be a duplicate") {
                try company.host.query(
                    "SELECT count(*) FROM lever.delivery WHERE company_id = \(company.id) AND outcome = 'duplicate'")
                    == "1"
            }
            let messages = try timeline(candidate, of: company)
            #expect(messages.count == 1)
            let message = messages[0]
            #expect(message.direction == "outbound" && message.labels == ["sent"] && message.subject == subject)
            #expect(
                message.from == "Rita Nóor <\(company.address)>" && message.to == "Jörg Müller <joerg@home.example>")
            #expect(message.text?.map(\.text) == ["Guten Tag,\n\n.dots, ümlauts"])
            #expect(message.attachments?.map(\.name) == ["Lebenslauf Müller.pdf"])
            #expect(message.attachments?.map(\.type) == ["application/pdf"] && message.attachments?.map(\.size) == [14])
            #expect(try outbox(sender).isEmpty)

            // The candidate's reply joins the thread.
            let reply = Letter("Re: \(word)").answering(String(id))
            let story = try await company.host.story(
                of: company.host.send(reply, from: "joerg@home.example", to: [company.address]))
            #expect(story.outcome == "captured")
            let all = try timeline(candidate, of: company)
            #expect(all.map(\.thread) == [message.thread, message.thread])
            #expect(all[1].labels == [], "the candidate is known")

            // And is answered there.
            let answer = try send(
                sender, sender.arguments("Re: \(word)", to: candidate, replyTo: all[1].entry))
            let answered = try timeline(candidate, of: company)
            #expect(answered.count == 3 && answered[2].thread == message.thread && answered.last?.entry == answer.entry)
            let raw = String(
                decoding: try company.ctl.check(
                    "message", "export", answer.entry, "--company", company.name, "--private-key", company.privateKey,
                    "--out", "-"), as: UTF8.self)
            #expect(raw.contains("In-Reply-To: \(reply.messageID)"))
            #expect(
                raw.contains(/References:\s+<lv1[^>]*>\s+<lv1[^>]*>\s+</)
                    || raw.contains(/References:\s+<lv1[^>]*>\s+</))
        }

        @Test func `a message that no filter sees is on the timeline once; sent over TLS from the first byte`()
            async throws
        {
            let company = try await OwnCompany()
            let sender = try Recruiter(of: company)
            try sender.setAccount(.submissions)
            let candidate = try company.addCandidate("anna@home.example")
            let sent = try send(
                sender, sender.arguments("Unseen", to: candidate, text: String(repeating: "x\n", count: 900_000)))
            #expect(sent.outcome == "captured")
            let messages = try timeline(candidate, of: company)
            #expect(messages.map(\.entry) == [sent.entry] && messages[0].origin == "unsigned")
            #expect(
                try company.host.query("SELECT count(*) FROM lever.delivery WHERE company_id = \(company.id)") == "1")
        }

        @Test func `OAuth 2 tokens come from a command, a file, or a refresh token that is rotated and kept sealed`()
            async throws
        {
            let company = try await OwnCompany()
            let sender = try Recruiter(of: company)
            let candidate = try company.addCandidate("anna@home.example")
            let provider = sender.site.provider
            let access = "tok-\(Letter.unique())"
            provider.grant(access, to: "rita")
            let tokenFile = try company.directory.write("token", "\(access)\n")
            for secret in [["--token-file", tokenFile], ["--token-command", "cat '\(tokenFile)'"]] {
                try sender.setAccount(secret: secret)
                _ = try send(sender, sender.arguments("By token", to: candidate))
            }
            let refused = try company.directory.write("other", "no-such-token\n")
            try sender.setAccount(secret: ["--token-file", refused])
            let failed = try sender.ctl.run(sender.arguments("No token", to: candidate), timeout: 60)
            #expect(
                failed.status == 1 && failed.errors.contains("refused the user name with the password or token"),
                "\(failed.errors)")

            let refresh = "refresh-\(Letter.unique())"
            provider.grant(refreshToken: refresh, to: "rita")
            let file = try company.directory.write("refresh", "\(refresh)\n")
            try sender.setAccount(
                secret: [
                    "--refresh-token-file", file, "--client-id", "lever milter&co", "--token-url", provider.tokenURL,
                ])
            // Each use replaces the token.
            for _ in 1...2 { _ = try send(sender, sender.arguments("By refresh token", to: candidate)) }
            let requests = provider.requests.filter { $0["client_id"] == "lever milter&co" }
            #expect(requests.count == 2 && requests.allSatisfy { $0["grant_type"] == "refresh_token" })
            #expect(requests[0]["refresh_token"] == refresh && requests[1]["refresh_token"] != refresh)
            let stored = try company.host.query(
                "SELECT encode(head || tail, 'escape') FROM lever.mail_account WHERE company_id = \(company.id)")
            #expect(!stored.contains("refresh-") && !stored.contains(refresh) && !stored.isEmpty)

            // A revoked token.
            try sender.setAccount(
                secret: ["--refresh-token-file", file, "--client-id", "c", "--token-url", provider.tokenURL])
            let revoked = try sender.ctl.run(sender.arguments("Revoked", to: candidate), timeout: 60)
            #expect(revoked.status == 1 && revoked.errors.contains("sign in at the provider again"))
            #expect(try outbox(sender).map(\.error?.isEmpty) == [false, false])
        }

        @Test
        func `a failed message stays in the outbox with candidate, error and time, and goes out on retry`()
            async throws
        {
            let company = try await OwnCompany()
            let sender = try Recruiter(of: company)
            let candidate = try company.addCandidate("anna@home.example")
            let otherDirectory = try TemporaryDirectory("other")
            let other = try CertificateAuthority(in: otherDirectory)
            let wrong = try company.directory.write("wrong", "wrong password\n")
            let cases: [(() throws -> Void, String)] = [
                ({ try sender.setAccount(authority: other.authority) }, "the server's certificate is not valid"),
                (
                    { try sender.setAccount(secret: ["--password-file", wrong]) },
                    "refused the user name with the password or token (535"
                ),
                ({ try sender.setAccount(authority: "/nonexistent.pem") }, "file with certificate authorities"),
                // Plain SMTP: neither STARTTLS nor TLS.
                (
                    {
                        _ = try sender.ctl.text([
                            "account", "set", "--company", company.name, "--address", company.address, "--server",
                            "127.0.0.1", "--port", "\(sender.site.postfix.port(.smtp))", "--password-file", wrong,
                            "--private-key", company.privateKey,
                        ])
                    }, "the server offers no STARTTLS"
                ),
                (
                    {
                        _ = try sender.ctl.text([
                            "account", "set", "--company", company.name, "--address", company.address, "--server",
                            "127.0.0.1", "--port", "\(Loopback.freePort())", "--password-file", wrong, "--private-key",
                            company.privateKey,
                        ])
                    }, "nobody answers"
                ),
            ]
            for (index, (set, expected)) in cases.enumerated() {
                try set()
                let failed = try sender.ctl.run(sender.arguments("Failing \(index)", to: candidate), timeout: 60)
                #expect(failed.status == 1 && failed.errors.contains(expected), "\(failed.errors)")
                #expect(failed.errors.contains("outbox retry"))
                let last = try #require(try outbox(sender).last)
                #expect(last.error?.contains(expected) == true && last.candidate == candidate && last.attempts == 1)
                #expect(last.triedAt != nil && last.user == sender.login)
            }
            #expect(try timeline(candidate, of: company).isEmpty)

            // A recipient that the server refuses: its words, which contain the address, are shown nowhere.
            let nobody = try company.addCandidate("nobody@home.example")
            try sender.setAccount()
            let refused = try sender.ctl.run(sender.arguments("To nobody", to: nobody), timeout: 60)
            #expect(
                refused.status == 1 && refused.errors.contains("refused the message permanently (550 5.1.1)"),
                "\(refused.errors)")
            #expect(!refused.errors.contains("home.example"))
            let waiting = try outbox(sender)
            #expect(
                waiting.count == cases.count + 1 && waiting.allSatisfy { !($0.error ?? "").contains("home.example") })

            // Another user does not see it; an admin sees it but cannot send it.
            let member = try company.addUser("tom", role: "team-member", email: "tom@\(company.domain)")
            let none: [LeverCtlJSON.OutboxMessage] = try member.json("outbox", "list", "--company", company.name)
            #expect(none.isEmpty)
            let seen: [LeverCtlJSON.OutboxMessage] = try company.ctl.json("outbox", "list", "--company", company.name)
            #expect(seen.map(\.entry) == waiting.map(\.entry))

            // With the account fixed, everything but the last goes out, once.
            let retried = try sender.ctl.run(
                ["outbox", "retry", "--company", company.name, "--private-key", company.privateKey], timeout: 120)
            #expect(retried.status == 1)
            let left = try outbox(sender)
            #expect(left.map(\.candidate) == [nobody] && left[0].attempts == 2)
            #expect(
                Set(try timeline(candidate, of: company).compactMap(\.subject))
                    == Set((0..<cases.count).map { "Failing \($0)" }))
            try await waitUntil("the mails to be delivered") {
                try sender.site.delivered("Failing 0").count == 1
            }
            try sender.ctl.check("outbox", "discard", left[0].entry, "--company", company.name)
            #expect(try outbox(sender).isEmpty)
        }

        @Test func `a message whose sending was interrupted is not sent again if a mail host has seen it`() async throws
        {
            let company = try await OwnCompany()
            let sender = try Recruiter(of: company)
            let candidate = try company.addCandidate("anna@home.example")
            let wrong = try company.directory.write("wrong", "wrong password\n")
            try sender.setAccount(secret: ["--password-file", wrong])
            _ = try sender.ctl.run(sender.arguments("Cut off", to: candidate), timeout: 60)
            let waiting = try #require(try outbox(sender).first)
            // The same message on another way, with another Message-ID and body, as a server may rewrite it.
            try sender.setAccount()
            let token = try sentOnce(waiting.entry, sender)
            let rewritten = Letter("Cut off", body: "rewritten\r\n").with("X-Lever-Thread", token.marker)
                .with("X-Lever-Entry", token.entry)
            let story = try await company.host.story(
                of: company.host.send(rewritten, from: company.address, to: ["anna@home.example"]))
            #expect(story.outcome == "captured")
            let retried = try sender.ctl.run(
                ["outbox", "retry", waiting.entry, "--company", company.name, "--private-key", company.privateKey],
                timeout: 60)
            #expect(retried.status == 0 && retried.text.contains("Sent"))
            #expect(try outbox(sender).isEmpty)
            let messages = try timeline(candidate, of: company)
            #expect(messages.count == 1 && messages[0].labels == ["sent"])
            #expect(try sender.site.delivered("Cut off").isEmpty)

            // A message that the candidate sends with a token copied from a mail is the candidate's own.
            let stolen = Letter("Mine", body: "not a duplicate\r\n").with("X-Lever-Entry", token.entry)
                .answering(token.marker)
            let own = try await company.host.story(of: company.host.send(stolen, to: [company.address]))
            #expect(own.outcome == "captured")
        }

        /// Marker and entry token of a waiting message, from the database.
        private func sentOnce(_ entry: String, _ sender: Recruiter) throws -> (marker: String, entry: String) {
            let company = sender.company
            // Opened with the company's private key, as retry does; the CMS file as it stands in the outbox.
            let sealed = company.directory.file("waiting.cms")
            let hex = try company.host.query(
                """
                SELECT encode(o.head || p.bytes, 'hex') FROM lever.outbox AS o
                JOIN lever.outbox_part AS p USING (company_id, entry_id) WHERE o.entry_id = '\(entry)'
                """)
            var bytes: [UInt8] = []
            var rest = hex.utf8[...]
            while rest.count >= 2 {
                bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)!)
                rest = rest.dropFirst(2)
            }
            _ = try company.directory.write("waiting.cms", bytes)
            let opened = try Command.check([
                "openssl", "cms", "-decrypt", "-inform", "DER", "-binary", "-in", sealed, "-inkey", company.privateKey,
                "-passin", "pass:\(MailHost.passphrase)",
            ])
            let marker = try #require(opened.firstMatch(of: /X-Lever-Thread:\s+(<[^>]+>)/)).1
            let token = try #require(opened.firstMatch(of: /X-Lever-Entry:\s+(lve1\.[a-z2-7]+)/)).1
            return (String(marker), String(token))
        }

        @Test func `a waiting message outlives the key it was sealed to, but not the candidate it is for`()
            async throws
        {
            let company = try await OwnCompany()
            let sender = try Recruiter(of: company)
            let anna = try company.addCandidate("anna@home.example")
            let bert = try company.addCandidate("bert@home.example")
            let wrong = try company.directory.write("wrong", "wrong password\n")
            try sender.setAccount(secret: ["--password-file", wrong])
            for (candidate, subject) in [(anna, "To Anna"), (bert, "To Bert")] {
                #expect(try sender.ctl.run(sender.arguments(subject, to: candidate), timeout: 60).status == 1)
            }
            #expect(try outbox(sender).map(\.candidate) == [anna, bert])

            try company.ctl.check(
                "candidate", "anonymize", "\(bert)", "--company", company.name, "--confirm", company.name)
            let waiting = try outbox(sender)
            #expect(waiting.map(\.candidate) == [anna])

            let (old, new) = (company.privateKey, company.directory.file("second.pem"))
            try expectState(try await rotate(company, "--private-key", new), "next")
            try expectState(try await rotate(company), "distributed")
            try expectState(try await rotate(company), "primary")
            try company.ctl.check("key", "rewrap", "--company", company.name, "--private-key", old)
            let first = try sealingKeys(company)[0].keyId
            try await end("retire", first, company)
            try await end("destroy", first, company, "--confirm", company.name)

            let retry = ["outbox", "retry", waiting[0].entry, "--company", company.name, "--private-key", new]
            let unreadable = try sender.ctl.run(retry, timeout: 60)
            #expect(unreadable.status == 1 && unreadable.errors.contains("is not signed with this private key"))
            #expect(try outbox(sender).map(\.entry) == [waiting[0].entry])
            try sender.setAccount(privateKey: new)
            let sent = try sender.ctl.run(retry, timeout: 60)
            #expect(sent.status == 0, "\(sent.errors)")
            #expect(try outbox(sender).isEmpty)
            try await waitUntil("the mail to be delivered") { try sender.site.delivered("To Anna").count == 1 }
            #expect(try sender.site.delivered("To Bert").isEmpty)
            let shown: LeverCtlJSON.Timeline = try company.ctl.json(
                "timeline", "--company", company.name, "--candidate", "\(anna)", "--private-key", new)
            #expect(shown.messages.map(\.subject) == ["To Anna"])
        }

        @Test func `an account that somebody else wrote into the database is not used`() async throws {
            let company = try await OwnCompany()
            let recruiter = try Recruiter(of: company)
            try recruiter.setAccount()
            let candidate = try company.addCandidate("anna@home.example")
            let other = try company.addUser("tom", role: "admin", email: "tom@\(company.domain)")
            try other.check("user", "opt-in", "--company", company.name)
            // Correctly sealed and signed, but another user's.
            try company.host.query(
                """
                SET lever.company = '\(company.id)';
                INSERT INTO lever.mail_account SELECT company_id, 'tom_\(company.word)', entry_id, head, tail, bound_at
                FROM lever.mail_account WHERE company_id = \(company.id)
                """)
            var arguments = try recruiter.arguments("Planted", to: candidate)
            arguments[arguments.firstIndex(of: "--from")! + 1] = "tom_\(company.word)"
            let refused = try other.run(arguments, timeout: 60)
            #expect(refused.status == 1 && refused.errors.contains("is not signed with this private key"))
            #expect(try recruiter.ctl.run(recruiter.arguments("Own", to: candidate), timeout: 60).status == 0)
        }

        @Test
        func `nobody sends without consent, as another user, to an anonymous candidate, or in reply to a program`()
            async throws
        {
            let company = try await OwnCompany()
            let sender = try Recruiter(of: company)
            try sender.setAccount(.submissions)
            let thread = try company.startThread(candidate: company.addCandidate("anna@home.example"))

            func refused(_ arguments: [String], _ expected: String) throws {
                let command = try sender.ctl.run(arguments, timeout: 60)
                #expect(command.status == 1 && command.errors.contains(expected), "\(command.errors)")
                #expect(try outbox(sender).isEmpty)
            }
            var other = try sender.arguments("x", to: thread.candidate)
            other[other.firstIndex(of: "--from")! + 1] = "somebody"
            try refused(other, "you can send only as yourself")
            try refused(sender.arguments("x", to: 999_999_999), "no candidate 999999999")

            for (field, value) in [("Auto-Submitted", "auto-replied"), ("List-Id", "<jobs.home.example>")] {
                let letter = Letter("Automatic").answering(thread.messageId).with(field, value)
                let story = try await company.host.story(of: company.host.send(letter, to: [company.address]))
                #expect(story.outcome == "captured")
                try refused(
                    sender.arguments("Re: Automatic", to: thread.candidate, replyTo: story.entry),
                    "those are not answered")
            }
            try sender.ctl.check("user", "opt-in", "--company", company.name, "--withdraw")
            try refused(sender.arguments("x", to: thread.candidate), "leverctl user opt-in")
            try sender.ctl.check("user", "opt-in", "--company", company.name)
            try sender.ctl.check("account", "remove", "--company", company.name)
            try refused(sender.arguments("x", to: thread.candidate), "leverctl account set")
            try sender.setAccount(.submissions)
            try company.ctl.check(
                "candidate", "anonymize", "\(thread.candidate)", "--company", company.name, "--confirm", company.name)
            try refused(sender.arguments("x", to: thread.candidate), "anonymous")
        }
    }
}
