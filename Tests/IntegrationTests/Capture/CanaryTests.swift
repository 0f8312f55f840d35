import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Canaries {
        @Test
        func
            `no plaintext of messages, candidates, users and never-log entries is anywhere in the database`()
            async throws
        {
            let subject = try await Subject()
            let (company, host, canary) = (subject.company, subject.company.host, subject.canary)
            _ = try company.addUser("seen", role: "admin", email: canary.marked("user") + "@home.example")
            try company.ctl.check(
                "never-log", "add", canary.marked("never") + "@home.example", "--company", company.name)
            let story = try await host.story(
                of: host.send(subject.letter, from: subject.sender, to: [subject.recipient]))
            #expect(story.outcome == "captured")

            // Control: the texts can be found.
            let timeline = try company.timeline(subject.thread.candidate)
            #expect(timeline.name == canary.marked("candidate") && timeline.subjects == [canary.marked("subject")])
            let raw = try company.ctl.check(
                "message", "export", story.entry, "--company", company.name, "--private-key", company.privateKey,
                "--out", "-")
            #expect(raw.contains(canary.word) && raw.contains(canary.quotedPrintable))
            #expect(try !canary.traces(below: host.postfix.maildir.path).isEmpty)
            let control = Canary()
            try host.postgres.query("CREATE TABLE control AS SELECT '\(control.word.uppercased())' AS word")

            #expect(try traces(of: canary, host) == [])
            try company.ctl.check("message", "remove", story.entry, "--company", company.name)
            #expect(try traces(of: canary, host) == [])
            let found = try traces(of: control, host)
            #expect(found.contains { $0.contains("/data/base/") })
            #expect(found.contains { $0.contains("/data/pg_wal/") })
            try host.postgres.query("DROP TABLE control")
        }

        @Test
        func
            `no plaintext is on the mail host: not in the spool, quarantine, logs or copy of routing`()
            async throws
        {
            let subject = try await Subject()
            let (company, canary) = (subject.company, subject.canary)
            let host = try OwnMailHost("mx-spool.\(company.domain)")
            try company.ctl.check(
                "never-log", "add", canary.marked("never") + "@home.example", "--company", company.name)
            try await waitUntil("the list to reach the host") {
                try await host.story(
                    of: host.send(subject.letter, from: "\(canary.marked("never"))@home.example", to: company.address)
                )
                .outcome == "never_log"
            }
            try company.host.postgres.stop()
            let id = try host.send(subject.letter, from: subject.sender, to: subject.recipient)
            try await waitUntil("the spool") { try host.log().contains { $0.hasPrefix("\(id): spooled ") } }
            #expect(try Command.check(["find", host.spool + "/new", "-type", "f"]).split(separator: "\n").count == 1)
            #expect(try canary.traces(below: host.spool, host.daemon.log) == [])

            try company.host.postgres.start()
            // The thread is gone, as after a restore from a backup.
            try company.host.query(
                "SET session_replication_role = replica; DELETE FROM lever.thread WHERE thread_id = \(subject.thread.thread)"
            )
            #expect(try await host.story(of: id).outcome == "unknown_thread")
            #expect(try Command.check(["find", host.spool + "/quarantine", "-type", "f"]).contains("reason"))
            #expect(try canary.traces(below: host.spool, host.daemon.log) == [])
            #expect(try contents(of: host.spool + "/routing").contains(company.domain))
        }

        @Test func `no plaintext is left in the daemon's memory once the message is spooled`() async throws {
            let subject = try await Subject()
            let host = try OwnMailHost("mx-memory.\(subject.company.domain)")
            let client = try SMTPClient(port: host.postfix.port())
            var long = subject.letter
            let line = "\(subject.canary.marked("line")) \(subject.canary.word)\r\n"
            long.body += Array(String(repeating: line, count: 5_000).utf8)
            for letter in [subject.letter, long] {
                let id = try client.send(letter.bytes, from: subject.sender, to: [subject.recipient])
                #expect(try await host.story(of: id).outcome == "captured")
            }
            // Passed unread after its header was seen.
            var unmarked = subject.letter
            unmarked.fields.removeAll { $0.name == "In-Reply-To" }
            try client.send(unmarked.bytes, from: subject.sender, to: [subject.recipient])
            let image = subject.company.directory.file("memory")
            // The session is still open, so libmilter still holds the connection's data.
            try ProcessMemory.dump(host.daemon.pid, to: image)
            let traces = try subject.canary.traces(below: image)
            #expect(traces == [], "\(traces)")
            #expect(try contents(of: image).contains(subject.company.domain), "routing is there to be found")
            try client.quit()
        }

        private func traces(of canary: Canary, _ host: MailHost) throws -> [String] {
            try host.postgres.query("CHECKPOINT")
            return try canary.traces(below: host.postgres.dataDirectory, host.postgres.log, host.daemon.log, host.spool)
        }

        /// A candidate and a letter with the canary's word in every place that carries content.
        private struct Subject {
            let company: OwnCompany
            let canary = Canary()
            let thread: OwnCompany.Thread
            let letter: Letter
            let sender: String
            let recipient: String

            init() async throws {
                company = try await OwnCompany()
                let candidate = try company.addCandidate(
                    canary.marked("address") + "@home.example", name: canary.marked("candidate"))
                thread = try company.startThread(candidate: candidate)
                sender = canary.marked("sender") + "@home.example"
                recipient = canary.marked("recipient") + "@" + company.domain
                var letter = Letter(canary.marked("subject"), id: canary.marked("id")).answering(thread.messageId)
                    .with("MIME-Version", "1.0").with("Content-Type", "multipart/mixed; boundary=b")
                letter.fields[0].value = "\(canary.marked("from")) <\(canary.marked("author"))@home.example>"
                letter.fields[1].value = "\(canary.marked("to")) <\(recipient)>"
                let base64 = Data(canary.marked("base64").utf8).base64EncodedString()
                letter.body = Array(
                    """
                    --b

                    \(canary.marked("plain"))
                    --b
                    Content-Transfer-Encoding: quoted-printable

                    \(canary.quotedPrintable)
                    --b
                    Content-Type: text/plain; name="\(canary.marked("file")).txt"
                    Content-Transfer-Encoding: base64

                    \(base64)
                    --b--

                    """.replacing("\n", with: "\r\n").utf8)
                self.letter = letter
            }
        }
    }
}
