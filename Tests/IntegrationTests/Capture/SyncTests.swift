import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// The Super Admin's and users' choices on the command line, and their effect on mail.
    @Suite
    struct Sync {
        private func choices(_ company: OwnCompany) throws -> LeverCtlJSON.SyncChoices {
            try company.ctl.json("company", "sync", "--company", company.name)
        }

        @Test
        func `limited sync asks for the company's name and shows the last captured message, if any`()
            async throws
        {
            let company = try await OwnCompany()
            let choose = ["company", "sync", "limited", "--company", company.name]
            let asked = try company.ctl.run(choose, timeout: 60)
            #expect(asked.status == 1 && asked.errors.contains("No message has been captured yet."))
            #expect(asked.errors.contains("Is lever-milter attached") && asked.errors.contains("--confirm"))
            let wrong = try company.ctl.run(choose + ["--confirm", "Somebody"], timeout: 60)
            #expect(wrong.status == 1 && wrong.errors.contains("nothing was changed"))
            #expect(try choices(company).lastCaptured == nil)

            let thread = try company.startThread()
            let id = try company.host.send(Letter("Hello").answering(thread.messageId), to: [company.address])
            #expect(try await company.host.story(of: id).outcome == "captured")
            let told = try company.ctl.run(choose, timeout: 60)
            #expect(
                told.errors.contains("The last message was captured at 20") && told.errors.contains(", inbound, on "))
            let chosen = try company.ctl.run(choose + ["--confirm", company.name], timeout: 60)
            #expect(chosen.status == 0 && chosen.text.contains("is on limited sync. The last message was captured"))
            #expect(try choices(company).lastCaptured?.direction == "inbound")
            #expect(
                try company.host.query(
                    "SELECT count(*) FROM lever.audit WHERE company_id = \(company.id) AND action = 'sync' AND allowed")
                    == "1")
        }

        @Test func `the permissions needed at Google and Microsoft are listed by choice, the fewest first`()
            async throws
        {
            let company = try await OwnCompany()
            let shown = try choices(company)
            #expect(shown.sync == "limited" && shown.choices.map(\.name) == ["limited", "full"])
            let (limited, full) = (shown.choices[0], shown.choices[1])
            #expect(limited.grants == ["send"] && full.grants == ["send", "read"])
            #expect(limited.refusal == nil && full.refusal?.contains("not set up") == true)
            #expect(limited.microsoft.map(\.scope) == ["https://outlook.office.com/SMTP.Send", "offline_access"])
            for choice in [limited, full] {
                #expect(choice.google[0].scope == "(none)" && choice.google.count >= 2 && choice.microsoft.count >= 2)
            }
            // Full sync begins with everything limited sync asks for.
            #expect(full.google.map(\.scope).starts(with: limited.google.map(\.scope)))
            #expect(full.microsoft.map(\.scope).starts(with: limited.microsoft.map(\.scope)))
            #expect(!(limited.google + limited.microsoft).contains { $0.purpose.contains("read mailboxes") })
            let text = try company.ctl.text("company", "sync", "--company", company.name)
            #expect(text.contains("limited: users let the product send\n") && text.contains("Google, the least first:"))
        }

        @Test func `full sync is refused until it is set up; then users consent to more`() async throws {
            let company = try await OwnCompany()
            let choose = ["company", "sync", "full", "--company", company.name]
            let refused = try company.ctl.run(choose, timeout: 60)
            #expect(refused.status == 1 && refused.errors.contains("full sync is not set up for this company"))
            let first: LeverCtlJSON.Consent = try company.ctl.json("user", "opt-in", "--company", company.name)
            #expect(first.send && !first.read)

            try company.ctl.check("company", "set", company.name, "--full-sync", "on")
            #expect(try company.ctl.run(choose, timeout: 60).status == 0)
            let second: LeverCtlJSON.Consent = try company.ctl.json("user", "opt-in", "--company", company.name)
            #expect(second.send && second.read && second.sync == "full")
            let users = try company.ctl.text("user", "list", "--company", company.name)
            #expect(users.contains("send,read"))
            let inUse = try company.ctl.run("company", "set", company.name, "--full-sync", "off")
            #expect(inUse.status == 1 && inUse.errors.contains("change --sync first"))

            let member = try company.addUser("tom", role: "admin", email: "tom@\(company.domain)")
            let admin = try member.run(choose, timeout: 60)
            #expect(admin.status == 1 && admin.errors.contains("only a super admin chooses"))
        }

        @Test func `on-premise Exchange is not offered limited sync`() async throws {
            let company = try await OwnCompany()
            try company.ctl.check("company", "set", company.name, "--sync", "off", "--provider", "exchange")
            #expect(try choices(company).choices.map(\.name) == ["full"])
            let refused = try company.ctl.run(
                "company", "sync", "limited", "--company", company.name, "--confirm", company.name)
            #expect(refused.status == 1 && refused.errors.contains("on-premise Exchange has no limited sync"))
        }

        @Test
        func `mail in flight follows the choice in force at DATA, and switching loses nothing`()
            async throws
        {
            let company = try await OwnCompany()
            let host = company.host
            let thread = try company.startThread()
            let reply = { (subject: String) in Letter(subject).answering(thread.messageId) }
            func begin() throws -> SMTPClient {
                let client = try SMTPClient(port: host.postfix.port())
                try client.envelope(from: "anna@home.example", to: [company.address])
                #expect(try client.command("DATA").code == 354)
                return client
            }
            func end(_ client: SMTPClient, _ letter: Letter) throws -> String {
                try client.send(SMTPClient.dotStuffed(letter.bytes))
                let id = try #require(try client.reply().queueID)
                try client.quit()
                return id
            }
            func choose(_ choice: String) async throws {
                try company.ctl.check(
                    "company", "sync", choice, "--company", company.name, "--confirm", company.name)
                try await company.changesAreKnown()
            }
            try company.ctl.check("company", "set", company.name, "--full-sync", "on")

            // Begun under limited sync: captured, even if full sync is chosen before its end.
            let under = try begin()
            try await choose("full")
            let first = try end(under, reply("Begun under limited"))
            #expect(try await host.story(of: first).outcome == "captured")

            // Begun under full sync: passed unread, even if limited sync is chosen before its end.
            let other = try begin()
            try await choose("limited")
            let second = try end(other, reply("Begun under full"))
            _ = try await host.delivered(second)
            #expect(try host.stories(of: second).isEmpty)

            let third = try host.send(reply("After"), to: [company.address])
            #expect(try await host.story(of: third).outcome == "captured")
            #expect(try company.timeline(thread.candidate).subjects == ["After", "Begun under limited"])
        }
    }
}
