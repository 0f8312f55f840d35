import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Erasure {
        @Test
        func `a removed message is an event without content and stays removed; the mailbox keeps its copy`()
            async throws
        {
            let company = try await OwnCompany()
            let host = company.host
            let thread = try company.startThread()
            let letter = Letter("Removed").answering(thread.messageId)
            let id = try host.send(letter, to: [company.address])
            let entry = try await host.story(of: id).entry
            #expect(try company.timeline(thread.candidate).subjects == ["Removed"])

            #expect(
                try company.ctl.text("message", "remove", entry, "--company", company.name)
                    == "Removed message \(entry).\n")
            let timeline = try company.timeline(thread.candidate)
            #expect(timeline.subjects == [] && timeline.messages.map(\.entry) == [entry])
            #expect(timeline.messages[0].removedAt != nil && timeline.messages[0].error == nil)
            let text = try company.ctl.text(
                "timeline", "--company", company.name, "--candidate", "\(thread.candidate)", "--private-key",
                company.privateKey)
            #expect(text.contains("This message was removed, "))
            let export = try company.ctl.run(
                "message", "export", entry, "--company", company.name, "--sealed", "--out", "-")
            #expect(export.status == 1 && export.output.isEmpty)

            let again = try host.send(letter, to: [company.address])
            #expect(try await host.story(of: again).outcome == "duplicate")
            #expect(try await host.delivered(id).count == 1)
            #expect(try company.timeline(thread.candidate).subjects == [])

            let second = try await capture(Letter("Second").answering(thread.messageId), company)
            let removed: LeverCtlJSON.RemovedMessage = try company.ctl.json(
                "message", "remove", second, "--company", company.name)
            #expect(removed.entry == second && removed.company == company.id)
            let twice = try company.ctl.run("message", "remove", second, "--company", company.name)
            #expect(twice.status == 1 && twice.errors.contains("no such message"))
        }

        @Test func `an anonymized candidate has no name or content, and is recognised when applying again`()
            async throws
        {
            let company = try await OwnCompany()
            let email = "anna@home.example"
            let thread = try company.startThread(candidate: company.addCandidate(email))
            let id = try company.host.send(Letter("Before").answering(thread.messageId), to: [company.address])
            #expect(try await company.host.story(of: id).outcome == "captured")

            let wrong = try company.ctl.run(
                "candidate", "anonymize", "\(thread.candidate)", "--company", company.name, "--confirm", "Another")
            #expect(wrong.status == 1 && wrong.errors.contains("nothing was changed"))
            #expect(try company.timeline(thread.candidate).name == "Anna Berg")
            try anonymize(thread, company)
            let timeline = try company.timeline(thread.candidate)
            #expect(timeline.name == nil && timeline.email == nil && timeline.subjects == [])
            #expect(timeline.messages.count == 1 && timeline.messages[0].removedAt != nil)
            #expect(try await company.host.delivered(id).count == 1)
            let listed: [LeverCtlJSON.Candidate] = try company.ctl.json(
                "candidate", "list", "--company", company.name, "--private-key", company.privateKey)
            #expect(listed.map(\.id) == [thread.candidate] && listed[0].anonymizedAt != nil && listed[0].name == nil)

            let reply = try company.host.send(Letter("After").answering(thread.messageId), to: [company.address])
            #expect(try await company.host.story(of: reply).outcome == "erased")
            #expect(try await company.host.recorded(reply) == "erased")
            let added: LeverCtlJSON.Added = try company.ctl.json(
                "candidate", "add", "--company", company.name, "--name", "Anna Berg", "--email", email.uppercased())
            #expect(added.formerly == thread.candidate && added.id != thread.candidate)
            let stranger: LeverCtlJSON.Added = try company.ctl.json(
                "candidate", "add", "--company", company.name, "--name", "Ben", "--email", "ben@home.example")
            #expect(stranger.formerly == nil)
        }

        @Test
        func `an anonymized candidate's messages are erased from a mail host's spool and quarantine too`()
            async throws
        {
            let company = try await OwnCompany()
            let host = try OwnMailHost("mx-held.\(company.domain)")
            let thread = try company.startThread()
            // In quarantine: the thread is missing when the message arrives.
            try company.host.query("UPDATE lever.thread SET thread_id = 1 WHERE thread_id = \(thread.thread)")
            let quarantined = try host.send(Letter("Quarantined").answering(thread.messageId), to: company.address)
            let story = try await host.story(of: quarantined)
            #expect(story.outcome == "unknown_thread")
            #expect(try files(host, "quarantine").contains(story.entry))
            try company.host.query(
                "UPDATE lever.thread SET thread_id = \(thread.thread) WHERE thread_id = 1 AND company_id = \(company.id)"
            )

            // Waiting: it arrived while the database was down.
            try company.host.postgres.stop()
            let waiting = try host.send(Letter("Waiting").answering(thread.messageId), to: company.address)
            try host.daemon.kill()
            try company.host.postgres.start()
            #expect(try files(host, "new").count == 1)
            try anonymize(thread, company)
            try host.start()

            #expect(try await host.story(of: waiting).outcome == "erased")
            #expect(try files(host, "new") == [])
            try await host.daemon.line(with: "\(quarantined): erased ", "removed=quarantine/\(story.entry)")
            #expect(try files(host, "quarantine") == [])
            #expect(try company.timeline(thread.candidate).messages.isEmpty)
        }

        @Test func `messages past the retention are erased by a login that may do nothing else`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            let old = try await capture(Letter("Old").answering(thread.messageId), company)
            let young = try await capture(Letter("Young").answering(thread.messageId), company)
            #expect(
                try company.ctl.text("retention", "run", "--company", company.name)
                    == "\(company.name): keeps messages forever\n")

            try company.ctl.check("company", "set", company.name, "--retention-days", "30")
            try company.host.query(
                "UPDATE lever.message SET accepted_at = now() - interval '31 days' WHERE entry_id = '\(old)'")
            #expect(try company.ctl.text("retention", "run") == "\(company.name): 1 message erased\n")
            let again: [LeverCtlJSON.RetentionRun] = try company.ctl.json("retention", "run", "--company", company.name)
            #expect(again.map(\.company) == [company.id] && again[0].deleted == 0)
            let timeline = try company.timeline(thread.candidate)
            #expect(timeline.messages.map(\.entry) == [young] && timeline.subjects == ["Young"])
            #expect(try company.ctl.text("company", "list").contains("30 days"))
        }

        private func anonymize(_ thread: OwnCompany.Thread, _ company: OwnCompany) throws {
            let done: LeverCtlJSON.AnonymizedCandidate = try company.ctl.json(
                "candidate", "anonymize", "\(thread.candidate)", "--company", company.name, "--confirm", company.name)
            #expect(done.candidate == thread.candidate && done.company == company.id)
        }

        private func files(_ host: OwnMailHost, _ part: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "\(host.spool)/\(part)")
        }
    }
}
