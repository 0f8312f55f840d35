import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Markers that count no more, over Postfix and the database.
    @Suite struct MarkerEnd {
        private func reply(_ company: OwnCompany, _ thread: OwnCompany.Thread) async throws -> String? {
            let id = try company.host.send(Letter("Again").answering(thread.messageId), to: [company.address])
            return try await company.host.story(of: id).outcome
        }

        @Test func `mail of a withdrawn thread passes unread, and is captured again once the thread is restored`()
            async throws
        {
            let company = try await OwnCompany()
            let (thread, other) = (try company.startThread(), try company.startThread())
            #expect(try await reply(company, thread) == "captured")
            let text = try company.ctl.text("thread", "withdraw", "\(thread.thread)", "--company", company.name)
            #expect(text == "Thread \(thread.thread) takes no mail from now on.\n")
            try await company.changesAreKnown()
            #expect(try await reply(company, thread) == "withdrawn_marker")
            #expect(try await reply(company, other) == "captured")
            #expect(try company.timeline(thread.candidate).messages.count == 1)

            try company.ctl.check("thread", "restore", "\(thread.thread)", "--company", company.name)
            try await company.changesAreKnown()
            #expect(try await reply(company, thread) == "captured")
            let unknown = try company.ctl.run("thread", "withdraw", "1", "--company", company.name)
            #expect(unknown.status == 1 && unknown.errors.contains("no thread 1"))
        }

        @Test func `mail of a thread older than markers live is discarded, and leaves nothing in the spool`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            try company.ctl.check("company", "set", company.name, "--marker-lifetime", "30")
            #expect(try await reply(company, thread) == "captured")
            _ = try company.host.query(
                "UPDATE lever.thread SET created_at = now() - interval '31 days' WHERE thread_id = \(thread.thread)")
            let id = try company.host.send(Letter("Late").answering(thread.messageId), to: [company.address])
            let story = try await company.host.story(of: id)
            #expect(story.outcome == "expired_marker")
            #expect(try company.timeline(thread.candidate).messages.count == 1)
            for area in ["new", "delivered", "quarantine", "redeliver"] {
                #expect(
                    try !FileManager.default.contentsOfDirectory(atPath: "\(company.host.spool)/\(area)").contains(
                        story.entry))
            }
            try company.ctl.check("company", "set", company.name, "--marker-lifetime", "off")
            #expect(try await reply(company, thread) == "captured")
        }
    }
}
