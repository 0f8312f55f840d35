import TestSupport
import Testing

extension IntegrationTests {
    /// Two mail hosts, one database. A sender left in doubt by one host delivers to the other, as MX records allow; the
    /// timeline has the mail once.
    @Suite
    struct MultiHost {
        private let company: OwnCompany
        private let first: OwnMailHost
        private let second: OwnMailHost

        init() async throws {
            company = try await OwnCompany()
            first = try OwnMailHost("mx-1.\(company.domain)", behindProxy: true)
            second = try OwnMailHost("mx-2.\(company.domain)")
            for host in [first, second] { try await host.isKnown() }
        }

        /// How a sender comes to doubt that the first host accepted its mail.
        enum Doubt: String, CaseIterable, CustomTestStringConvertible, Sendable {
            case refused = "451 after the message was durable"
            case broken = "the connection broke before the reply"

            var testDescription: String { rawValue }
        }

        @Test(arguments: Doubt.allCases)
        func `a sender left in doubt by one host goes to the other: the mail is on the timeline once`(
            _ doubt: Doubt
        ) async throws {
            let thread = try await startThread()
            let letter = Letter("Once").answering(thread.messageId)
            try await send(letter, to: first, leftInDoubtBy: doubt)
            try await outcome(thread, at: first, "captured")
            let id = try second.send(letter, to: company.address)
            #expect(try await second.story(of: id).outcome == "duplicate")
            try await expectOnce(thread, "Once", first: 1, second: 1)
        }

        @Test
        func `the same mail at both hosts at once, in four sessions each: one is captured, seven are duplicates`()
            async throws
        {
            let thread = try await startThread()
            let letter = Letter("At once").answering(thread.messageId)
            let clients = try [first, second, first, second, first, second, first, second].map {
                try SMTPClient(port: $0.postfix.port())
            }
            for client in clients {
                try client.envelope(from: "anna@home.example", to: [company.address])
                #expect(try client.command("DATA").code == 354)
                try client.send(Array(SMTPClient.dotStuffed(letter.bytes).dropLast(3)))
            }
            for client in clients { try client.send(Array(".\r\n".utf8)) }
            for client in clients { #expect(try client.reply().code == 250) }
            try await expectOnce(thread, "At once", first: 4, second: 4)
        }

        @Test func `while the database is down both hosts keep the same mail; when it is back both deliver at once`()
            async throws
        {
            let thread = try await startThread()
            let letters = (1...10).map { Letter("Mail \($0)").answering(thread.messageId) }
            let postgres = company.host.postgres
            try postgres.stop()
            do {
                // In opposite order, so that each would wait for the other's locks.
                for letter in letters { try first.send(letter, to: company.address) }
                for letter in letters.reversed() { try second.send(letter, to: company.address) }
                for host in [first, second] { try await host.daemon.line(with: "database unavailable") }
                try postgres.start()
            } catch {
                try postgres.start()
                throw error
            }
            let said = try await outcomes(thread, count: 20)
            #expect(said.count { $0 == "captured" } == 10 && said.count { $0 == "duplicate" } == 10)
            #expect(try company.timeline(thread.candidate).subjects == letters.map { $0.fields[2].value }.sorted())
            for host in [first, second] { #expect(try host.log().allSatisfy { !$0.contains("deadlock") }) }
        }

        @Test(arguments: [true, false])
        func `with different recipients on each host the entry is outbound and has the recipients of both`(
            _ colleagueFirst: Bool
        ) async throws {
            let thread = try await startThread()
            let colleague = "paul@\(company.domain)"
            let user = try company.addUser("paul\(colleagueFirst)", role: "limited-team-member", email: colleague)
            try await company.changesAreKnown()
            let letter = Letter("To both").from(company.address).answering(thread.messageId)
            let recipients = colleagueFirst ? [colleague, "anna@home.example"] : ["anna@home.example", colleague]
            for (host, recipient) in zip([first, second], recipients) {
                let id = try host.send(letter, from: company.address, to: recipient)
                #expect(try await host.story(of: id).outcome == (host === first ? "captured" : "duplicate"))
            }
            try await expectOnce(thread, "To both", first: 1, second: 1)
            #expect(
                try company.host.query(
                    """
                    SELECT direction, cardinality(recipient_indices) FROM lever.message
                    WHERE company_id = \(company.id) AND thread_id = \(thread.thread)
                    """) == "outbound|2")
            #expect(try company.timeline(thread.candidate, as: user).subjects == ["To both"])
        }

        @Test
        func `a host's daemon is killed with mail in its spool that the other delivered: it reports a duplicate`()
            async throws
        {
            let thread = try await startThread()
            let letter = Letter("Killed").answering(thread.messageId)
            let postgres = company.host.postgres
            try postgres.stop()
            do {
                try await send(letter, to: first, leftInDoubtBy: .refused)
                try await first.daemon.line(with: "spooled", "thread=\(thread.thread)")
                try first.daemon.kill()
                try postgres.start()
            } catch {
                try postgres.start()
                throw error
            }
            let id = try second.send(letter, to: company.address)
            #expect(try await second.story(of: id).outcome == "captured")
            try first.start()
            try await outcome(thread, at: first, "duplicate")
            try await expectOnce(thread, "Killed", first: 1, second: 1)
        }

        // MARK: Steps

        private func startThread() async throws -> OwnCompany.Thread {
            let thread = try company.startThread()
            try await company.changesAreKnown()
            return thread
        }

        /// Returns when the host has the mail and its sender does not know.
        private func send(_ letter: Letter, to host: OwnMailHost, leftInDoubtBy doubt: Doubt) async throws {
            switch doubt {
            case .refused:
                host.proxy?.breakNextReplyToEndOfMessage()
                let client = try SMTPClient(port: host.postfix.port())
                let reply = try client.transfer(letter.bytes, from: "anna@home.example", to: [company.address])
                #expect(reply.code == 451, "\(reply)")
            case .broken:
                let client = try SMTPClient(port: host.postfix.port())
                try client.envelope(from: "anna@home.example", to: [company.address])
                #expect(try client.command("DATA").code == 354)
                try client.send(SMTPClient.dotStuffed(letter.bytes))
            }
        }

        private func outcome(_ thread: OwnCompany.Thread, at host: OwnMailHost, _ outcome: String) async throws {
            try await waitUntil("\(host.name) to say \(outcome)") {
                try outcomes(thread, at: host) == [outcome]
            }
        }

        private func outcomes(_ thread: OwnCompany.Thread, at host: OwnMailHost) throws -> [String] {
            try host.log().filter { $0.contains("outcome=") && $0.contains("thread=\(thread.thread) ") }
                .compactMap { MailHost.Story($0).outcome }
        }

        /// Of both hosts.
        private func outcomes(_ thread: OwnCompany.Thread, count: Int) async throws -> [String] {
            try await waitFor("\(count) outcomes") {
                let said = try [first, second].flatMap { try outcomes(thread, at: $0) }
                return said.count >= count ? said : nil
            }
        }

        /// One captured, the rest duplicates, in the logs and in the delivery log; one on the timeline; the spools
        /// empty.
        private func expectOnce(
            _ thread: OwnCompany.Thread, _ subject: String, first firstCount: Int, second secondCount: Int,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let all = firstCount + secondCount
            let said = try await outcomes(thread, count: all)
            #expect(
                said.sorted() == ["captured"] + Array(repeating: "duplicate", count: all - 1),
                sourceLocation: sourceLocation)
            let rows = try company.host.query(
                """
                SELECT host, count(*) FROM lever.delivery
                WHERE company_id = \(company.id) AND thread_id = \(thread.thread) GROUP BY host ORDER BY host
                """)
            #expect(
                rows == "\(first.name)|\(firstCount)\n\(second.name)|\(secondCount)", sourceLocation: sourceLocation)
            let recorded = try company.host.query(
                """
                SELECT count(*) FILTER (WHERE outcome = 'captured'), count(*) FILTER (WHERE outcome = 'duplicate')
                FROM lever.delivery WHERE company_id = \(company.id) AND thread_id = \(thread.thread)
                """)
            #expect(recorded == "1|\(all - 1)", sourceLocation: sourceLocation)
            #expect(try company.timeline(thread.candidate).subjects == [subject], sourceLocation: sourceLocation)
            for host in [first, second] {
                #expect(
                    try Command.check(["find", host.spool + "/new", host.spool + "/tmp", "-type", "f"]).isEmpty,
                    sourceLocation: sourceLocation)
            }
        }
    }
}
