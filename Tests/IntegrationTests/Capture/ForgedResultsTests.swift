import TestSupport
import Testing

extension IntegrationTests {
    /// Authentication-Results that a sender wrote in the trusted name, with Debian's filters in front of ours.
    @Suite(.serialized)
    struct ForgedResults {
        private static let id = "mx.acme.example"

        private static let forms = [
            ("Authentication-Results", "\(id); dkim=pass header.d=home.example; dmarc=pass header.from=home.example"),
            ("Authentication-Results", "\(id); dkim=pass header.d=home.example; ;"),
            ("Authentication-Results", "\(id); spf=pass smtp.mailfrom=home.example"),
            ("AUTHENTICATION-results", "MX.Acme.EXAMPLE; dmarc=pass header.from=home.example"),
            ("Authentication-Results", "\r\n \(id)\r\n ;\r\n\tdmarc=pass header.from=home.example"),
            ("Authentication-Results ", "\(id); dmarc=pass header.from=home.example"),
            ("Authentication-Results", "(x) \(id) (y) 1; dmarc=pass header.from=home.example"),
            ("Authentication-Results", "(x\r\n\ty)\r\n \(id); dmarc=pass header.from=home.example"),
            ("Authentication-Results", "\"\(id)\"; dmarc=pass header.from=home.example"),
            ("Authentication-Results", "\"mx.acme\\.example\"; dmarc=pass header.from=home.example"),
            ("Authentication-Results", "\(id) ; dkim/1 = pass header.d = home.example"),
            ("Authentication-Results", "\(id); dkim=pass reason=\"x; y\" header.d=home.example header.b=abc"),
        ]

        /// What is stored of the author's authentication, of a mail with each form.
        private func verdicts(
            _ milters: [String], isChecked: Bool, _ daemon: OwnDaemon, _ company: OwnCompany, _ thread: String
        ) async throws -> [String] {
            let tables = try TemporaryDirectory("headerchecks")
            let pattern = #"/^Authentication-Results[[:space:]]*:.*mx\.acme\.example/ IGNORE"#
            try tables.write("checks", isChecked ? pattern + "\n" : "")
            let postfix = try PostfixInstance(
                settings: """
                    smtpd_milters = \((milters + ["inet:127.0.0.1:\(daemon.port)"]).joined(separator: ", "))
                    header_checks = regexp:\(tables.file("checks"))
                    nested_header_checks =
                    mime_header_checks =
                    """, services: [.smtp])
            defer { try? postfix.stop() }
            var verdicts: [String] = []
            for (name, value) in Self.forms {
                var letter = Letter("Forged").answering(thread)
                letter.fields.insert((name: name, value: value), at: 0)
                let client = try SMTPClient(port: postfix.port())
                let id = try client.send(letter.bytes, from: "x@relay.example", to: [company.address])
                try client.quit()
                let story = try await daemon.story(of: id)
                #expect(story.outcome == "captured")
                verdicts.append(
                    try company.host.query("SELECT authentication FROM lever.message WHERE queue_id = '\(id)'"))
            }
            return verdicts
        }

        @Test func `nothing that a sender writes into Authentication-Results counts where header_checks drop it`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread().messageId
            let daemon = try OwnDaemon("authserv_ids: [\(Self.id)]")
            let filters = try AuthenticationFilters(authservID: Self.id)
            let nothing = Array(repeating: "none", count: Self.forms.count)
            for milters in [[filters.dkim, filters.dmarc], [filters.dmarc, filters.dkim], [filters.rspamd], []] {
                let verdicts = try await verdicts(milters, isChecked: true, daemon, company, thread)
                #expect(verdicts == nothing, "\(milters)")
            }
            // rspamd drops them itself. OpenDKIM and OpenDMARC do not: why the line is there.
            #expect(try await verdicts([filters.rspamd], isChecked: false, daemon, company, thread) == nothing)
            let open = try await verdicts([filters.dkim, filters.dmarc], isChecked: false, daemon, company, thread)
            #expect(open.contains("pass"))
        }
    }
}
