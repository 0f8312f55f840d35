import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// leverctl sends through a real submission server: Postfix, with Dovecot to authenticate users.
    @Suite
    struct Sending {
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
            let sent = try sender.send(sender.arguments(subject, to: candidate, attach: [pdf]))

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
            let messages = try company.timeline(candidate).messages
            #expect(messages.count == 1)
            let message = messages[0]
            #expect(message.direction == "outbound" && message.labels == ["sent"] && message.subject == subject)
            #expect(
                message.from == "Rita Nóor <\(company.address)>" && message.to == "Jörg Müller <joerg@home.example>")
            #expect(message.text?.map(\.text) == ["Guten Tag,\n\n.dots, ümlauts"])
            #expect(message.attachments?.map(\.name) == ["Lebenslauf Müller.pdf"])
            #expect(message.attachments?.map(\.type) == ["application/pdf"] && message.attachments?.map(\.size) == [14])
            #expect(try sender.outbox().isEmpty)

            // The candidate's reply joins the thread.
            var reply = Letter("Re: \(word)").answering(String(id))
            reply.fields[0].value = "Joerg <joerg@home.example>"
            let story = try await company.host.story(
                of: company.host.send(reply, from: "joerg@home.example", to: [company.address]))
            #expect(story.outcome == "captured")
            let all = try company.timeline(candidate).messages
            #expect(all.map(\.thread) == [message.thread, message.thread])
            #expect(all[1].labels == [], "the candidate is known")

            // And is answered there.
            let answer = try sender.send(sender.arguments("Re: \(word)", to: candidate, replyTo: all[1].entry))
            let answered = try company.timeline(candidate).messages
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
            let sent = try sender.send(
                sender.arguments("Unseen", to: candidate, text: String(repeating: "x\n", count: 900_000)))
            #expect(sent.outcome == "captured")
            let messages = try company.timeline(candidate).messages
            #expect(messages.map(\.entry) == [sent.entry] && messages[0].origin == "unsigned")
            #expect(
                try company.host.query("SELECT count(*) FROM lever.delivery WHERE company_id = \(company.id)") == "1")
        }

        @Test
        func `an address in UTF-8 waits for a server that offers SMTPUTF8, and a domain in UTF-8 goes as ASCII`()
            async throws
        {
            let company = try await OwnCompany()
            let sender = try Recruiter(of: company)
            let word = Letter.unique()
            let candidate = try company.addCandidate("jörg-\(word)@büro.example", name: "Jörg Müller")
            try sender.setAccount(.asciiSubmission)
            let failed = try sender.ctl.run(sender.arguments("UTF-8 \(word)", to: candidate), timeout: 60)
            #expect(failed.status == 1 && failed.errors.contains("it offers no SMTPUTF8"), "\(failed.errors)")
            let waiting = try #require(try sender.outbox().last)
            #expect(waiting.error?.contains("SMTPUTF8") == true && waiting.candidate == candidate)

            try sender.setAccount()
            try sender.ctl.check(
                "outbox", "retry", waiting.entry, "--company", company.name, "--private-key", company.privateKey)
            let message = try #require(try company.timeline(candidate).messages.last)
            #expect(message.to == "Jörg Müller <jörg-\(word)@xn--bro-hoa.example>")
            let mail = try await waitFor("delivery") { try sender.site.delivered("UTF-8 \(word)").first }
            #expect(mail.trace("Delivered-To") == "jörg-\(word)@xn--bro-hoa.example")

            let other = try company.addCandidate("joerg-\(word)@büro.example", name: "Jörg Müller")
            try sender.setAccount(.asciiSubmission)
            _ = try sender.send(sender.arguments("ASCII \(word)", to: other))
            let second = try await waitFor("delivery") { try sender.site.delivered("ASCII \(word)").first }
            #expect(second.trace("Delivered-To") == "joerg-\(word)@xn--bro-hoa.example")
            #expect(second.untraced.allSatisfy { $0 < 0x80 })
        }

        @Test func `whether an answer goes to the address in Reply-To is asked on a terminal`() async throws {
            let company = try await OwnCompany()
            let sender = try Recruiter(of: company)
            try sender.setAccount(.submissions)
            let thread = try company.startThread(candidate: company.addCandidate("anna@home.example"))
            let word = Letter.unique()
            let letter = Letter("Question").answering(thread.messageId).with("Reply-To", "anna-\(word)@work.example")
            let story = try await company.host.story(of: company.host.send(letter, to: [company.address]))
            func arguments(_ subject: String) throws -> [String] {
                try sender.arguments(subject, to: thread.candidate, replyTo: story.entry)
            }
            func recipients(_ subject: String) async throws -> [String?] {
                try await waitFor("delivery") {
                    let mails = try sender.site.delivered(subject)
                    return mails.isEmpty ? nil : mails.map { $0.trace("Delivered-To") }
                }
            }
            for (answer, recipient) in [("", "anna@home.example"), ("y", "anna-\(word)@work.example")] {
                let subject = "Asked \(word) about \(recipient.prefix(8))"
                let command = [Products.path("leverctl")] + (try arguments(subject))
                let terminal = try Terminal(command, environment: sender.ctl.environment)
                try terminal.expect("anna-\(word)@work.example")
                try terminal.expect("[y/N]")
                try terminal.type(answer)
                #expect(try terminal.exitStatus() == 0, "\(terminal.screen)")
                #expect(try await recipients(subject) == [recipient])
            }
            let silent = try sender.ctl.run(arguments("Not asked \(word)"), timeout: 60)
            #expect(silent.status == 0 && silent.errors.contains("--reply-address"), "\(silent.errors)")
            #expect(try await recipients("Not asked \(word)") == ["anna@home.example"])
            let named = ["--reply-address", "anna-\(word)@work.example"]
            let chosen = try sender.ctl.run(arguments("Named \(word)") + named, timeout: 60)
            #expect(chosen.status == 0 && chosen.errors.isEmpty, "\(chosen.errors)")
            #expect(try await recipients("Named \(word)") == ["anna-\(word)@work.example"])
            let messages = try company.timeline(thread.candidate).messages
            #expect(messages.count == 5 && messages.allSatisfy { $0.thread == messages[0].thread })
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
                _ = try sender.send(sender.arguments("By token", to: candidate))
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
            for _ in 1...2 { _ = try sender.send(sender.arguments("By refresh token", to: candidate)) }
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
            #expect(try sender.outbox().map(\.error?.isEmpty) == [false, false])
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

        @Test func `an address is confirmed with the company's key, and one that is not signed any more is refused`()
            async throws
        {
            struct Listed: Decodable {
                let id: Int64
                let email: String?
                let confirmed: Bool?
            }
            let company = try await OwnCompany()
            let sender = try Recruiter(of: company)
            try sender.setAccount(.submissions)
            let key = ["--company", company.name, "--private-key", company.privateKey]
            func confirmed(_ candidate: Int64) throws -> Bool? {
                let list: [Listed] = try LeverCtl.decode(
                    company.ctl.run(["candidate", "list", "--json"] + key, timeout: 60).output)
                return list.first { $0.id == candidate }?.confirmed
            }
            func send(_ candidate: Int64, _ more: [String] = []) throws -> (status: Int32, errors: String) {
                let command = try sender.ctl.run(sender.arguments("Confirmed", to: candidate) + more, timeout: 60)
                return (command.status, command.errors)
            }

            let added: LeverCtlJSON.Added = try LeverCtl.decode(
                company.ctl.run(
                    ["candidate", "add", "--name", "Anna Berg", "--email", "anna@home.example", "--json"] + key,
                    timeout: 60
                ).output)
            #expect(try confirmed(added.id) == true)
            #expect(try send(added.id).errors == "")

            let candidate = try company.addCandidate("berta@home.example")
            #expect(try confirmed(candidate) == false)
            let first = try send(candidate)
            #expect(first.status == 0 && first.errors.contains("nobody has confirmed this candidate's address"))
            let wrong = try company.ctl.run(
                ["candidate", "confirm", "\(candidate)", "--address", "eve@home.example"] + key, timeout: 60)
            #expect(wrong.status == 1 && wrong.errors.contains("another address"))
            #expect(try confirmed(candidate) == false)
            _ = try company.ctl.text(
                ["candidate", "confirm", "\(candidate)", "--address", "berta@home.example"] + key)
            #expect(try confirmed(candidate) == true)
            #expect(try send(candidate).errors == "")

            try company.host.query(
                """
                UPDATE lever.candidate SET signature = NULL
                WHERE company_id = \(company.id) AND candidate_id = \(candidate)
                """)
            let refused = try send(candidate)
            #expect(refused.status == 1 && refused.errors.contains("not signed with this private key"))
            #expect(try send(candidate, ["--to-address", "eve@home.example"]).status == 1)
            #expect(try send(candidate, ["--to-address", "berta@home.example"]).status == 0)
            #expect(try sender.outbox().isEmpty)
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
                #expect(try sender.outbox().isEmpty)
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
