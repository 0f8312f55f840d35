import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Settings that change or are wrong, and failures on the way.
    @Suite
    struct ForwardingFailures {
        @Test func `settings take effect between two messages of one session`() async throws {
            let site = try await ForwardingSite("store")
            let company = site.company
            let client = try SMTPClient(port: company.host.postfix.port())
            func forwarded(_ options: String...) async throws -> (String?, String?) {
                if !options.isEmpty {
                    _ = try company.ctl.text(["company", "set", company.name] + options)
                    try await company.changesAreKnown()
                }
                let id = try client.send(site.letter().bytes, from: "anna@home.example", to: [company.address])
                let story = try await company.host.story(of: id)
                let copies = try await site.copies(id, on: company.host.postfix)
                #expect(copies.count == (story.values["forwarded"] == nil ? 1 : 2))
                return (story.outcome, story.values["forwarded"])
            }
            #expect(try await forwarded() == ("captured", nil))
            #expect(try await forwarded("--forward-to", site.address) == ("captured", nil))
            #expect(try await forwarded("--capture", "store+forward") == ("captured", "yes"))
            #expect(try await forwarded("--capture", "observe") == ("observe_only", nil))
            #expect(try await forwarded("--capture", "forward") == ("forwarded", "yes"))
            #expect(try await forwarded("--capture", "store+forward") == ("captured", "yes"))
            #expect(try await forwarded("--no-forward") == ("captured", nil))
            try client.quit()
        }

        @Test func `an administrator's mistake is reported and changes nothing`() async throws {
            let site = try await ForwardingSite("store+forward")
            let company = site.company
            func errors(_ arguments: String..., status: Int32) throws -> String {
                let command = try company.ctl.run(["company", "set", company.name] + arguments, timeout: 60)
                #expect(command.status == status, "\(arguments): \(command.errors)")
                return command.errors
            }
            for address in ["rita", "a b@inbox.example", "rita@inbox", "ri\u{f1}a@inbox.example", "<x@inbox.example>"] {
                #expect(try errors("--forward-to", address, status: 2).contains("not a mail address in ASCII such as"))
            }
            for domain in [company.domain, "acme.example"] {
                let told = try errors("--forward-to", "x@\(domain)", status: 1)
                #expect(told.contains("in a company's domain, so mail would loop"))
            }
            #expect(
                try errors("--add-domain", "inbox.example", status: 1).contains("mail is forwarded to one of these"))
            #expect(try errors("--no-forward", "--forward-to", site.address, status: 2).contains("either"))
            #expect(try errors("--capture", "sometimes", status: 2).contains("--capture"))
            #expect(try errors("--capture", "forward", "--no-forward", status: 1).contains("needs an address"))
            let table = try company.ctl.text("company", "list").split(separator: "\n")
            #expect(table.contains { $0.contains(company.name) && $0.contains("store+forward  \(site.address)") })
        }

        @Test
        func `a mail server that allows no changes: a forwarding company's mail is deferred, other mail flows`()
            async throws
        {
            let site = try await ForwardingSite("forward")
            let daemon = try OwnDaemon()
            for actions in [0x100, 0x180, 0x101] as [UInt32] {
                let client = try MilterClient(port: daemon.port)
                client.terms.actions = actions
                try client.negotiate()
                let (one, two) = ("LESS\(actions)A", "LESS\(actions)B")
                let reply = try client.transfer(site.letter(), queueID: one, to: site.company.address)
                #expect(reply.replyText?.hasPrefix("451 4.7.1 ") == true, "\(reply)")
                #expect(try await daemon.story(of: one).outcome == "forward_failed")
                let acme = try Letter.marked(by: MailHost.shared.get().acme)
                #expect(try client.transfer(acme, queueID: two) == .proceed)
                #expect(try await daemon.story(of: two).outcome == "captured")
            }
        }

        @Test func `the changes on the wire are the field, the recipient with NOTIFY=NEVER and the verdict`()
            async throws
        {
            let site = try await ForwardingSite("store+forward")
            let daemon = try OwnDaemon()
            let client = try daemon.connect()
            #expect(try client.begin("WIRE1", to: site.company.address) == .proceed)
            #expect(try client.header(of: site.letter()) == .proceed)
            try client.body(Array("Hello\r\n".utf8))
            try client.endMessage()
            let field = try client.reply()
            #expect(field.command == "h")
            #expect(String(decoding: field.data, as: UTF8.self).hasPrefix("X-Lever-Forwarded\0 lvf1."))
            let recipient = try client.reply()
            #expect(recipient.command == "2")
            #expect(String(decoding: recipient.data, as: UTF8.self) == "<\(site.address)>\0NOTIFY=NEVER\0")
            #expect(try client.reply() == .proceed)
            #expect(try await daemon.story(of: "WIRE1").values["forwarded"] == "yes")
        }

        @Test(arguments: [0, 1, 2])
        func `the filter is killed between the spool and the answer: after the retry, one copy and one entry`(
            changes: Int
        ) async throws {
            let site = try await ForwardingSite("store+forward")
            let company = site.company
            let host = try OwnMailHost("mx-killed.\(company.domain)", faults: CrashPoint.deliveryWaits)
            try host.set(
                CrashPoint.deliveryWaits + [
                    Fault("published", [.rename], path: "^{spool}/tmp/", when: .after, do: .note),
                    Fault("kill", [.write], path: "{filter}", skip: changes, after: "published", do: .kill),
                ])
            let letter = site.letter()
            func transfer() throws -> SMTPReply {
                try SMTPClient(port: host.postfix.port()).transfer(
                    letter.bytes, from: "anna@home.example", to: [company.address])
            }
            #expect(try transfer().code == 451)
            #expect(try host.daemon.waitForExit() == 128 + 9)
            #expect(try host.hits().last == "kill")
            try host.set([])
            try host.start()
            let id = try #require(try transfer().queueID)
            #expect(try await host.story(of: id).outcome == "duplicate")
            #expect(try await Set(site.copies(id, on: host.postfix).keys) == [site.address, company.address])
            #expect(try host.postfix.maildir.messages(with: letter.messageID).count == 2)
            #expect(try host.stored().count == 1)
            #expect(try company.timeline(site.thread.candidate).messages.count == 1)
        }
    }
}
