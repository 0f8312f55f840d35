import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Messages that could not be sent wait in the outbox.
    @Suite
    struct Outbox {
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
                    }, "cannot connect to the server"
                ),
            ]
            for (index, (set, expected)) in cases.enumerated() {
                try set()
                let failed = try sender.ctl.run(sender.arguments("Failing \(index)", to: candidate), timeout: 60)
                #expect(failed.status == 1 && failed.errors.contains(expected), "\(failed.errors)")
                #expect(failed.errors.contains("outbox retry"))
                let last = try #require(try sender.outbox().last)
                #expect(last.error?.contains(expected) == true && last.candidate == candidate && last.attempts == 1)
                #expect(last.triedAt != nil && last.user == sender.login)
            }
            #expect(try company.timeline(candidate).messages.isEmpty)

            // A recipient that the server refuses: its words, which contain the address, are shown nowhere.
            let nobody = try company.addCandidate("nobody@home.example")
            try sender.setAccount()
            let refused = try sender.ctl.run(sender.arguments("To nobody", to: nobody), timeout: 60)
            #expect(
                refused.status == 1 && refused.errors.contains("refused the message permanently (550 5.1.1)"),
                "\(refused.errors)")
            #expect(!refused.errors.contains("home.example"))
            let waiting = try sender.outbox()
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
            let left = try sender.outbox()
            #expect(left.map(\.candidate) == [nobody] && left[0].attempts == 2)
            #expect(
                Set(try company.timeline(candidate).messages.compactMap(\.subject))
                    == Set((0..<cases.count).map { "Failing \($0)" }))
            try await waitUntil("the mails to be delivered") {
                try sender.site.delivered("Failing 0").count == 1
            }
            try sender.ctl.check("outbox", "discard", left[0].entry, "--company", company.name)
            #expect(try sender.outbox().isEmpty)
        }

        @Test func `a message whose sending was interrupted is not sent again if a mail host has seen it`() async throws
        {
            let company = try await OwnCompany()
            let sender = try Recruiter(of: company)
            let candidate = try company.addCandidate("anna@home.example")
            let wrong = try company.directory.write("wrong", "wrong password\n")
            try sender.setAccount(secret: ["--password-file", wrong])
            _ = try sender.ctl.run(sender.arguments("Cut off", to: candidate), timeout: 60)
            let waiting = try #require(try sender.outbox().first)
            // The same message on another way, with another Message-ID and body, as a server may rewrite it.
            try sender.setAccount()
            let token = try sentOnce(waiting.entry, sender)
            let rewritten = Letter("Cut off", body: "rewritten\r\n").from(company.address).with(
                "X-Lever-Thread", token.marker
            )
            .with("X-Lever-Entry", token.entry)
            let story = try await company.host.story(
                of: company.host.send(rewritten, from: company.address, to: ["anna@home.example"]))
            #expect(story.outcome == "captured")
            let retried = try sender.ctl.run(
                ["outbox", "retry", waiting.entry, "--company", company.name, "--private-key", company.privateKey],
                timeout: 60)
            #expect(retried.status == 0 && retried.text.contains("Sent"))
            #expect(try sender.outbox().isEmpty)
            let messages = try company.timeline(candidate).messages
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
            #expect(try sender.outbox().map(\.candidate) == [anna, bert])

            try company.ctl.check(
                "candidate", "anonymize", "\(bert)", "--company", company.name, "--confirm", company.name)
            let waiting = try sender.outbox()
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
            #expect(try sender.outbox().map(\.entry) == [waiting[0].entry])
            try sender.setAccount(privateKey: new)
            // The message too was signed with the old key.
            let foreign = try sender.ctl.run(retry, timeout: 60)
            #expect(foreign.status == 1 && foreign.errors.contains("is not signed with this private key for you"))
            let sent = try sender.ctl.run(retry + ["--private-key", old], timeout: 60)
            #expect(sent.status == 0, "\(sent.errors)")
            #expect(try sender.outbox().isEmpty)
            try await waitUntil("the mail to be delivered") { try sender.site.delivered("To Anna").count == 1 }
            #expect(try sender.site.delivered("To Bert").isEmpty)
            let shown: LeverCtlJSON.Timeline = try company.ctl.json(
                "timeline", "--company", company.name, "--candidate", "\(anna)", "--private-key", new)
            #expect(shown.messages.map(\.subject) == ["To Anna"])
        }
    }
}
