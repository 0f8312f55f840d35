import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// leverctl as its users see it: what each command prints for people and for programs.
    @Suite
    struct LeverCtlCommands {
        @Test func `a company is added, changed and listed, as a table for people and as JSON for programs`() throws {
            let ctl = try MailHost.shared.get().ctl
            // Domains are listed in order: this one comes before mail.
            let (name, domain) = ("Company \(Letter.unique())", "a\(Letter.unique()).example")
            let added: LeverCtlJSON.Company = try ctl.json(
                "company", "add", name, "--domain", domain.uppercased(), "--domain", "mail.\(domain)", "--provider",
                "Office365", "--sync", "off")
            #expect(added.domains == [domain, "mail.\(domain)"])
            #expect(added.provider == "microsoft" && added.sync == "off")

            let changed: LeverCtlJSON.Company = try ctl.json(
                "company", "set", "\(added.id)", "--sync", "full", "--remove-domain", "mail.\(domain)", "--rename",
                "\(name) Ltd")
            #expect(changed.id == added.id && changed.name == "\(name) Ltd" && changed.domains == [domain])
            #expect(changed.provider == "microsoft" && changed.sync == "full")
            let all: [LeverCtlJSON.Company] = try ctl.json("company", "list")
            #expect(all.filter { $0.id == added.id } == [changed])

            let table = try ctl.text("company", "list").split(separator: "\n")
            #expect(
                table[0].split(separator: " ") == [
                    "ID", "NAME", "SYNC", "CAPTURE", "FORWARD", "TO", "PROVIDER", "KEEPS", "LOG", "DOMAINS",
                ])
            #expect(table.contains { $0.contains("\(name) Ltd") && $0.hasSuffix(domain) })
        }

        @Test func `a candidate's name and address show only with the private key, and are nowhere in the database`()
            throws
        {
            let host = try MailHost.shared.get()
            let word = Letter.unique()
            let added: LeverCtlJSON.Candidate = try host.ctl.json(
                "candidate", "add", "--company", "Acme", "--name", "Zoë Quill-\(word)", "--email",
                "Zoe.\(word)@quill.example")
            let blind: [LeverCtlJSON.Candidate] = try host.ctl.json("candidate", "list", "--company", "Acme")
            #expect(blind.contains { $0.id == added.id && $0.name == nil && $0.email == nil })
            let found: [LeverCtlJSON.Candidate] = try host.ctl.json(
                "candidate", "list", "--company", "Acme", "--email", "zoe.\(word)@QUILL.example", "--private-key",
                host.acme.privateKey)
            #expect(found.map(\.id) == [added.id])
            #expect(found[0].name == "Zoë Quill-\(word)" && found[0].email == "Zoe.\(word)@quill.example")
            let again = try host.ctl.run(
                "candidate", "add", "--company", "Acme", "--name", "Zoë", "--email", "zoe.\(word)@quill.example")
            #expect(again.status == 1 && again.errors.contains("already: \(added.id)"))

            let dump = try Command.check(["pg_dump", host.postgres.connectionString(database: MailHost.database)])
            #expect(dump.contains("COPY lever.candidate"))
            #expect(!dump.contains(word))
            #expect(!dump.contains("\\x" + Array(word.utf8).map { String($0, radix: 16) }.joined()))
        }

        @Test func `a new thread's three header lines carry the same marker, in the domain asked for`() throws {
            let host = try MailHost.shared.get()
            let lines = try host.ctl.text(
                "thread", "start", "--company", "Acme", "--candidate", "\(host.acme.candidate)", "--marker-domain",
                "hire.eu.lever.co"
            ).split(separator: "\n")
            #expect(lines.map { $0.prefix { $0 != ":" } } == ["Message-ID", "References", "X-Lever-Thread"])
            let ids = Set(lines.compactMap { $0.split(separator: " ").last })
            #expect(ids.count == 1)
            #expect(ids.first?.hasPrefix("<lv1.") == true && ids.first?.hasSuffix("@hire.eu.lever.co>") == true)

            let foreign = try host.ctl.run(
                "thread", "start", "--company", "Acme", "--candidate", "1", "--marker-domain", "elsewhere.example")
            #expect(foreign.status == 1 && foreign.errors.contains("marker_domains"))
            let nobody = try host.ctl.run("thread", "start", "--company", "Acme", "--candidate", "987654321")
            #expect(nobody.status == 1 && nobody.errors.contains("candidate list"))
        }

        @Test func `a timeline is decoded, with attachments listed and quotations folded but never lost`()
            async throws
        {
            let correspondence = try await Correspondence()
            let text = try correspondence.timeline()
            #expect(
                text.contains(
                    "Zoë Quill <\(correspondence.email)>, candidate \(correspondence.candidate) of Acme: 1 message"))
            #expect(text.contains(" inbound, sender is not the candidate "), "Jörg writes in Zoë's thread")
            #expect(text.contains("From  Jörg Müller <joerg@home.example>"))
            #expect(text.contains("Subject  Grüße aus Köln"))
            #expect(text.contains("\nPassen würde mir 10 €.\n"))
            #expect(text.contains("[3 quoted lines; --unfold shows them]"))
            #expect(!text.contains("Passt Dir Donnerstag?"))
            #expect(text.contains("Attachment: Lebenslauf Müller.pdf, application/pdf, 9 bytes"))
            #expect(text.contains("\\u{1B}[2J"), "a control character would drive the terminal")
            #expect(!text.contains("\u{1B}"))
            #expect(try correspondence.timeline("--unfold").contains("> Passt Dir Donnerstag?"))
        }

        @Test func `a timeline as JSON has the same, and the raw bytes on request`() async throws {
            let correspondence = try await Correspondence()
            let timeline: LeverCtlJSON.Timeline = try correspondence.host.ctl.json(
                "timeline", "--company", "Acme", "--candidate", "\(correspondence.candidate)", "--private-key",
                correspondence.host.acme.privateKey, "--raw")
            #expect(timeline.company == "Acme" && timeline.name == "Zoë Quill")
            let message = try #require(timeline.messages.first)
            #expect(timeline.messages.count == 1)
            #expect(message.direction == "inbound" && message.subject == "Grüße aus Köln")
            let blocks = try #require(message.text)
            #expect(blocks.map(\.quoted) == [false, true])
            #expect(blocks[1].text.contains("> Passt Dir Donnerstag?"))
            let attachment = try #require(message.attachments?.first)
            #expect(message.attachments?.count == 1 && attachment.name == "Lebenslauf Müller.pdf")
            #expect(attachment.type == "application/pdf" && attachment.size == 9)
            #expect(message.raw.flatMap { Data(base64Encoded: $0) }.map(Array.init) == correspondence.raw)

            let mbox = try correspondence.timeline("--raw")
            #expect(mbox.hasPrefix("From lever-milter "))
            #expect(mbox.contains("\n>From here on it is the writer's text.\n"), "mboxrd quotes From lines")
        }

        @Test func `an exported message is the raw bytes; sealed, it is a CMS file that stock openssl opens`()
            async throws
        {
            let correspondence = try await Correspondence()
            let host = correspondence.host
            let directory = try TemporaryDirectory("export")
            let (raw, sealed, opened) = (directory.file("raw"), directory.file("cms"), directory.file("opened"))
            try host.ctl.check(
                "message", "export", correspondence.entry, "--out", raw, "--private-key", host.acme.privateKey)
            #expect(try contents(of: raw) == correspondence.raw)

            try host.ctl.check("message", "export", correspondence.entry, "--out", sealed, "--sealed")
            try Command.check([
                "openssl", "cms", "-decrypt", "-inform", "DER", "-in", sealed, "-inkey", host.acme.privateKey,
                "-passin", "pass:\(MailHost.passphrase)", "-binary", "-out", opened,
            ])
            #expect(try Array(contents(of: opened).dropFirst(44)) == correspondence.raw, "44 bytes are the binding")

            let other = try host.ctl.run(
                "message", "export", correspondence.entry, "--out", raw, "--company", "Initech", "--private-key",
                host.initech.privateKey)
            #expect(other.status == 1 && other.errors.contains("no company 'Initech'"), "not even that it exists")
            let foreign = try host.ctl.run(
                "message", "export", correspondence.entry, "--out", directory.file("foreign"), "--private-key",
                host.initech.privateKey)
            #expect(foreign.status == 1 && foreign.errors.contains("not sealed to this private key"))
            #expect(!FileManager.default.fileExists(atPath: directory.file("foreign")))
        }

        @Test func `an export overwrites a file only if told to, and then replaces it atomically`() async throws {
            let correspondence = try await Correspondence()
            let host = correspondence.host
            let directory = try TemporaryDirectory("export")
            let file = try directory.write("message", "precious")
            try directory.write("message.new", "precious too")
            let refused = try host.ctl.run("message", "export", correspondence.entry, "--out", file, "--sealed")
            #expect(refused.status == 1 && refused.errors.contains("choose another name"))
            #expect(try contents(of: file) == Array("precious".utf8))
            try host.ctl.check(
                "message", "export", correspondence.entry, "--out", file, "--private-key", host.acme.privateKey,
                "--force")
            #expect(try contents(of: file) == correspondence.raw)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
                    == ["message", "message.new"])
        }

        @Test func `the queue shows what waits while the database is down, and is flushed when it is back`()
            async throws
        {
            let host = try MailHost.shared.get()
            try host.postgres.stop()
            let id = try host.send(Letter("Waits").answering(host.acme.marker))
            let items: [LeverCtlJSON.QueueItem] = try host.ctl.json("queue", "list")
            let item = try #require(items.first { $0.queueId == id })
            #expect(item.company == host.acme.id && item.direction == "inbound" && !item.quarantined)
            let table = try host.ctl.text("queue", "list")
            #expect(table.contains(item.entry) && table.contains("STATE") && table.contains(" in quarantine, "))

            try host.postgres.start()
            #expect(try host.ctl.text("queue", "flush").hasPrefix("Delivering "))
            #expect(try await host.story(of: id).outcome == "captured")
            let left: [LeverCtlJSON.QueueItem] = try host.ctl.json("queue", "list")
            #expect(!left.contains { $0.queueId == id })
            // Delivered messages are listed on request, as long as they are kept.
            let delivered: [LeverCtlJSON.QueueItem] = try host.ctl.json("queue", "list", "--delivered")
            #expect(delivered.first { $0.queueId == id }.map { $0.state == "delivered" && !$0.quarantined } == true)
            #expect(try host.ctl.text("queue", "list", "--delivered").contains(" delivered, "))
        }

        @Test func `without a daemon on the spool a flush says so`() throws {
            let directory = try TemporaryDirectory("spool")
            for name in ["new", "quarantine"] { try directory.makeDirectory(name) }
            let configuration = try directory.write("ctl.yaml", "spool: \(directory.path)\n")
            let flush = try LeverCtl(configuration: configuration).run("queue", "flush")
            #expect(flush.status == 1 && flush.errors.contains("no lever-milter runs on the spool"))
            #expect(try LeverCtl(configuration: configuration).text("queue", "list") == "The queue is empty.\n")
        }

        @Test(arguments: [
            (["no-such-command"], 2), (["company", "add", "X"], 2),
            (["company", "add", "X", "--domain", "x", "--provider", "google", "--sync", "limited"], 2),
            (["company", "set", "Acme"], 2), (["timeline", "--company", "Acme", "--candidate", "one@"], 2),
            (["message", "export", "not-an-id", "--out", "x", "--sealed"], 2), (["--help"], 0),
            (["key", "generate", "--help"], 0),
        ])
        func `wrong usage has exit status 2 and says where the usage is, and help is not an error`(
            _ arguments: [String], _ status: Int
        )
            throws
        {
            let command = try Command.run([Products.path("leverctl")] + arguments)
            #expect(Int(command.status) == status)
            #expect((status == 0 ? command.text : command.errors).contains(/(?i)usage:|'leverctl --help'/))
        }
    }
}
