import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Origins {
        @Test
        func `a timeline tells entries signed by a mail host from unsigned ones and those signed by others`()
            async throws
        {
            let company = try await OwnCompany()
            let signing = try signingHost("mx-signs.\(company.domain)", company)
            let key = company.directory.file("other.key")
            try company.ctl.check("host", "add", "elsewhere.\(company.domain)", "--signing-key", key)
            let posing = try OwnMailHost("mx-poses.\(company.domain)", signingKey: key)
            let thread = try company.startThread()
            try await company.changesAreKnown()

            try await send("Signed", thread, company, by: signing)
            try await send("Posing", thread, company, by: posing)
            try await capture(Letter("Unsigned").answering(thread.messageId), company)
            #expect(try origin("Signed", thread, company) == ("verified", nil))
            #expect(try origin("Unsigned", thread, company) == ("unsigned", nil))
            #expect(
                try origin("Posing", thread, company)
                    == ("wrong", "signed by elsewhere.\(company.domain), and the row says \(posing.name)"))

            #expect(try company.ctl.text("host", "revoke", signing.name) == "\(signing.name): 1 key revoked.\n")
            try await send("Late", thread, company, by: signing)
            #expect(try origin("Signed", thread, company) == ("verified", nil))
            #expect(try origin("Late", thread, company) == ("wrong", "signed with a revoked key of \(signing.name)"))
            let text = try company.ctl.text(
                "timeline", "--company", company.name, "--candidate", "\(thread.candidate)", "--private-key",
                company.privateKey)
            #expect(text.contains("Origin  verified, stored by \(signing.name)\n"))
            #expect(text.contains("Origin  unsigned\n"))
            #expect(text.contains("Origin  wrong: signed with a revoked key"))
        }

        @Test func `a row changed in the database shows as wrong, and changed content does not open`() async throws {
            let company = try await OwnCompany()
            let host = try signingHost("mx-changed.\(company.domain)", company)
            let thread = try company.startThread()
            try await company.changesAreKnown()
            let entries = [
                try await send("Tail", thread, company, by: host),
                try await send("Signature", thread, company, by: host),
                try await send("Key", thread, company, by: host),
            ]
            try company.host.query(
                """
                UPDATE lever.message_part SET bytes = set_byte(bytes, 100, get_byte(bytes, 100) # 1)
                WHERE entry_id = '\(entries[0])';
                UPDATE lever.message SET signature = set_byte(signature, 0, get_byte(signature, 0) # 1)
                WHERE entry_id = '\(entries[1])';
                UPDATE lever.message SET host_key_id = decode(repeat('ab', 20), 'hex') WHERE entry_id = '\(entries[2])';
                """)
            let messages = try company.timeline(thread.candidate).messages
            let byEntry = Dictionary(uniqueKeysWithValues: messages.map { ($0.entry, $0) })
            #expect(entries.map { byEntry[$0]?.origin } == ["wrong", "wrong", "wrong"])
            #expect(byEntry[entries[0]]?.subject == nil)
            #expect(byEntry[entries[0]]?.error?.contains("damaged") == true)
            for entry in entries[..<2] {
                #expect(byEntry[entry]?.originProblem == "the signature is not of this message")
            }
            #expect(byEntry[entries[2]]?.originProblem == "signed with a key that no mail host has")
        }

        @Test(arguments: [
            (nil, "no such file; make the signing key with leverctl host add"),
            ("openssl genpkey -algorithm ed25519 -aes256 -pass pass:secret", "the private key is encrypted"),
            ("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", "not an Ed25519 key"),
        ])
        func `a signing key that cannot be used stops the daemon with one line`(_ command: String?, _ reason: String)
            throws
        {
            let host = try MailHost.shared.get()
            let directory = try TemporaryDirectory("origin")
            if let command {
                let pem = try Command.check(command.split(separator: " ").map(String.init))
                try directory.write("signing.key", pem)
            }
            let path = try directory.write(
                "daemon.yaml",
                MailHost.configuration(
                    socket: "inet:\(try Loopback.freePort())@127.0.0.1", spool: directory.file("spool"),
                    database: host.ingestDatabase) + "signing_key: \(directory.file("signing.key"))\n")
            let daemon = try Command.run([Products.path("lever-milter"), "--config", path], timeout: 20)
            #expect(daemon.status == 1)
            #expect(daemon.errors.split(separator: "\n").count == 1)
            #expect(daemon.errors.contains("\(directory.file("signing.key")): \(reason)"), "\(daemon.errors)")
        }

        @discardableResult
        private func send(
            _ subject: String, _ thread: OwnCompany.Thread, _ company: OwnCompany, by host: OwnMailHost
        ) async throws -> String {
            let story = try await host.story(
                of: host.send(Letter(subject).answering(thread.messageId), to: company.address))
            try #require(story.outcome == "captured")
            return story.entry
        }

        private func origin(
            _ subject: String, _ thread: OwnCompany.Thread, _ company: OwnCompany
        ) throws -> (String?, String?) {
            let message = try #require(
                try company.timeline(thread.candidate).messages.first { $0.subject == subject })
            return (message.origin, message.originProblem)
        }
    }
}
