import Core
import Foundation
import Sealing
import TestSupport
import Testing

extension IntegrationTests {
    /// "Why was this message not captured?"
    @Suite
    struct Trace {
        @Test
        func `each message is traced by queue ID and Message-ID, and its file explains what the daemon did`()
            async throws
        {
            let company = try await TracedCompany()
            for letter in try company.cases() { try await trace(letter, of: company) }
            // A company on another sync level still has valid markers.
            try company.own.ctl.check("company", "set", company.own.name, "--sync", "full")
            try await company.own.changesAreKnown()
            try await trace(company.notLimited, of: company)
        }

        private func trace(_ sent: TracedLetter, of company: TracedCompany) async throws {
            let host = company.own.host
            // Before the daemon sees it: the file alone, with routing from either source.
            for source in ["spool", "database"] {
                let explanation = try company.explain(sent, routingFrom: source)
                #expect(explanation.outcome == sent.decided, "\(sent.name)")
                #expect(explanation.matched == sent.matched, "\(sent.name)")
            }
            let id = try host.send(sent.letter, from: sent.from, to: sent.to)
            _ = try await host.delivered(id)
            guard let outcome = sent.outcome else {
                #expect(try host.stories(of: id).isEmpty)
                try expectNotInspected(id, sent, company)
                return
            }
            #expect(try await host.story(of: id).outcome == outcome)
            #expect(try await host.recorded(id) == outcome)

            for query in [[id], ["--message-id", sent.messageID]] {
                let full = try company.trace(query)
                #expect(full.status == 0, "\(sent.name): \(full.text)")
                let told = try #require(full.record?.stories.last, "\(sent.name)")
                #expect(told.state == outcome && told.queueId == id && told.matched == sent.matched, "\(sent.name)")
                #expect(told.acceptedAt != nil && told.storedAt != nil)
                #expect(told.stored == (outcome == "captured"))
                #expect((told.spooledAt != nil) == ["captured", "duplicate", "unknown_thread"].contains(outcome))
                #expect(full.record?.sources.allSatisfy { $0.found != nil && $0.problem == nil } == true)
                try expectNothingPrivate(full.text, sent)
                // With the database down, and from the log alone.
                for access in [TracedCompany.Access.spoolAndLog, .logAlone] {
                    let part = try company.trace(query, access)
                    #expect(part.status == 0, "\(sent.name) \(access): \(part.text)")
                    #expect(part.record?.stories.last?.state == outcome, "\(sent.name) \(access)")
                    #expect(part.record?.stories.last?.company == told.company)
                    #expect(part.record?.sources.contains { $0.found == nil && $0.problem != nil } == true)
                }
            }
            // From the database alone, by queue ID: this host's log may be gone.
            let row = try company.trace([id], .databaseAlone)
            #expect(row.status == 0 && row.record?.stories.last?.state == outcome, "\(sent.name): \(row.text)")
            let text = try company.ctl(.everything).text(["trace", id] + company.logs())
            #expect(text.hasPrefix("\(id) on "))
            try expectNothingPrivate(text, sent)
        }

        /// Postfix logged it, and the filter did not.
        private func expectNotInspected(_ id: String, _ sent: TracedLetter, _ company: TracedCompany) throws {
            for query in [[id], ["--message-id", sent.messageID]] {
                let traced = try company.trace(query)
                #expect(traced.status == 1, "\(sent.name)")
                #expect(traced.record?.stories.map(\.state) == ["not_inspected"], "\(sent.name)")
                let isLimited = sent.to.contains { $0.hasSuffix(company.own.domain) }
                #expect(
                    traced.record?.stories[0].meaning.contains {
                        $0.contains(
                            isLimited ? "\(company.own.domain) is in its envelope" : "No domain in its envelope")
                    } == true, "\(traced.text)")
            }
        }

        private func expectNothingPrivate(_ output: String, _ sent: TracedLetter) throws {
            for secret in [
                "home.example", "anna", "rita", "@", "Private words", String(sent.messageID.dropFirst().dropLast()),
            ] {
                #expect(!output.contains(secret), "\(sent.name): \(secret) in \(output)")
            }
        }

        @Test func `an unknown message says what that means, and what to do`() async throws {
            let company = try await TracedCompany()
            for query in [["4NoSuchId0"], ["--message-id", "<nobody@home.example>"]] {
                let record = try company.trace(query)
                #expect(record.status == 1 && record.record?.found == false && record.record?.stories.isEmpty == true)
                let command = try company.ctl(.logAlone).run(["trace"] + query + company.logs(), timeout: 60)
                #expect(command.status == 1)
                for part in [
                    "did not inspect", "postconf", "Another mail host", "rotated", "could not be searched: spool",
                    "To do:",
                ] {
                    #expect(command.text.contains(part), "\(part)")
                }
            }
            let unreadable = try company.ctl(.everything).run("trace", "4NoSuchId0", "--log", "/nonexistent", "--json")
            #expect(unreadable.status == 1 && unreadable.text.contains("No such file or directory"))
        }

        @Test(arguments: [
            ([], "Give one of these"), (["4Q", "--message-id", "<a@b>"], "Give one of these"),
            (["no;id"], "is not a queue ID"),
            (["NOQUEUE"], "is not a queue ID"), (["--message-id", "words"], "is not a Message-ID"),
            (["--file", "x"], "--file needs --envelope-from and --envelope-to"),
            (["4Q", "--envelope-to", "a@b.example"], "go with --file"),
            (
                ["--file", "x", "--envelope-from", "", "--envelope-to", "a@b", "--log", "y"],
                "does not go with --file"
            ),
        ])
        func `an impossible query is refused with what to write instead`(arguments: [String], message: String)
            throws
        {
            let command = try MailHost.shared.get().ctl.run(["trace"] + arguments, timeout: 60)
            #expect(command.status == 2 && command.errors.contains(message), "\(command.errors)")
        }

        @Test
        func
            `a waiting message is traced while the database or the daemon is down, and later to its end`()
            async throws
        {
            let own = try OwnDaemon()
            let company = try await TracedCompany(spool: own.spool)
            own.current.send(SIGHUP)
            try await own.current.line(with: "reloaded")
            try own.configure("database: host=127.0.0.1 port=1 dbname=nowhere")
            own.current.send(SIGHUP)
            try await own.current.line(with: "database unavailable")
            let id = Letter.unique()
            let letter = Letter("Private words", id: id).answering(company.thread.messageId)
            let queueID = "4Wait\(id)"
            #expect(try own.connect().transfer(letter, queueID: queueID, to: company.own.address) == .proceed)

            func expectWaiting() throws {
                for query in [[queueID], ["--message-id", "<\(id)@home.example>"]] {
                    let traced = try company.trace(query, .spoolAndLog, logs: [])
                    #expect(traced.status == 0, "\(traced.text)")
                    #expect(traced.record?.stories.map(\.state) == ["waiting"])
                    #expect(traced.record?.stories[0].spool.map(\.area) == ["new"])
                    #expect(traced.record?.stories[0].spooledAt != nil && traced.record?.stories[0].storedAt == nil)
                }
            }
            try expectWaiting()
            try own.current.kill()
            try expectWaiting()
            try own.configure("")
            try own.start()
            _ = try await own.story(of: queueID)
            let done = try company.trace([queueID], .spoolAndLog, logs: [])
            #expect(done.record?.stories.map(\.state) == ["delivered"])
            let stored = try company.trace(["--message-id", "<\(id)@home.example>"], logs: [])
            #expect(stored.record?.stories.map(\.state) == ["captured"])
        }

        @Test func `messages of one second are listed in the order in which Postfix logged them`() async throws {
            let company = try await TracedCompany()
            let ids = (0..<12).map { "4Same\($0 * 7 % 12)" }
            let path = try company.own.directory.write(
                "second.log",
                ids.map { "2026-11-24T09:30:00+00:00 mx1 postfix/cleanup[1]: \($0): message-id=<a@b.example>\n" }
                    .joined())
            let traced = try company.trace(["--message-id", "<a@b.example>"], .logAlone, logs: ["--log", path])
            #expect(traced.record?.stories.map(\.queueId) == ids, "\(traced.text)")
        }

        @Test func `a deferred message is traced with the reason`() async throws {
            let company = try await TracedCompany()
            let ctl = company.own.ctl
            let word = Letter.unique()
            try ctl.check(
                "company", "add", "Keyless \(word)", "--domain", "\(word).example", "--provider", "google", "--sync",
                "limited")
            try ctl.check("access", "grant", company.operatorLogin, "--company", "Keyless \(word)")
            let marker = try company.marker(of: "Keyless \(word)", thread: 7)
            try await company.own.changesAreKnown()
            let sent = TracedLetter(
                "spool_failed", answering: marker, to: ["rita@\(word).example"], outcome: "spool_failed",
                matched: "in_reply_to")
            #expect(try company.explain(sent).outcome == "spool_failed")
            let client = try SMTPClient(port: company.own.host.postfix.port())
            let reply = try client.transfer(sent.letter.bytes, from: sent.from, to: sent.to)
            #expect(reply.code == 451)
            let traced = try await waitFor("the delivery record") {
                let traced = try company.trace(["--message-id", sent.messageID])
                return traced.record?.stories.first?.storedAt == nil ? nil : traced
            }
            let story = try #require(traced.record?.stories.first)
            #expect(traced.record?.stories.count == 1 && story.state == "spool_failed")
            #expect(story.reason?.contains("has no sealing key") == true)
            #expect(story.log.contains { $0.text.contains("Postfix: rejected at") }, "\(traced.text)")
        }
    }
}
