import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// The database's superuser changes rows: a message that was moved or changed does not open.
    @Suite
    struct Tampering {
        /// A candidate of Acme with a thread and a message in it.
        private struct Correspondence {
            let candidate: Int64
            let thread: Int64
            let entry: String

            init(_ host: MailHost) async throws {
                let added: LeverCtlJSON.Added = try host.ctl.json(
                    "candidate", "add", "--company", "Acme", "--name", "Tess Tamper", "--email",
                    "tess+\(Letter.unique())@home.example")
                let started: LeverCtlJSON.StartedThread = try host.ctl.json(
                    "thread", "start", "--company", "Acme", "--candidate", "\(added.id)")
                let id = try host.send(Letter("A true word").answering(started.messageId))
                entry = try await host.story(of: id).entry
                (candidate, thread) = (added.id, started.thread)
            }
        }

        /// The timeline as a super admin of Acme sees it, even if something does not open.
        private func timeline(_ host: MailHost, _ candidate: Int64) throws -> LeverCtlJSON.Timeline {
            let command = try host.ctl.run(
                "timeline", "--company", "Acme", "--candidate", "\(candidate)", "--private-key", host.acme.privateKey,
                "--json")
            let timeline: LeverCtlJSON.Timeline = try LeverCtl.decode(command.output)
            #expect(command.status == (timeline.messages.allSatisfy { $0.error == nil } ? 0 : 1))
            return timeline
        }

        @Test(arguments: [
            (
                "its head is another message's",
                "UPDATE lever.message_key SET head = (SELECT head FROM lever.message_key WHERE entry_id = '$OTHER') "
                    + "WHERE entry_id = '$ENTRY'", "damaged"
            ),
            (
                "its tail is another message's",
                """
                UPDATE lever.message_part SET bytes = (SELECT bytes FROM lever.message_part WHERE entry_id = '$OTHER')
                WHERE entry_id = '$ENTRY';
                UPDATE lever.message SET tail_size = (SELECT tail_size FROM lever.message WHERE entry_id = '$OTHER')
                WHERE entry_id = '$ENTRY';
                """, "damaged"
            ),
            (
                "head and tail are another message's",
                """
                UPDATE lever.message_part SET bytes = (SELECT bytes FROM lever.message_part WHERE entry_id = '$OTHER')
                WHERE entry_id = '$ENTRY';
                UPDATE lever.message SET tail_size = (SELECT tail_size FROM lever.message WHERE entry_id = '$OTHER')
                WHERE entry_id = '$ENTRY';
                UPDATE lever.message_key SET head = (SELECT head FROM lever.message_key WHERE entry_id = '$OTHER')
                WHERE entry_id = '$ENTRY';
                """, "moved"
            ),
            (
                "one bit of the tail is another",
                "UPDATE lever.message_part SET bytes = set_bit(bytes, 100, 1 - get_bit(bytes, 100)) "
                    + "WHERE entry_id = '$ENTRY'", "damaged"
            ),
            (
                "the tag is cut",
                """
                UPDATE lever.message_part SET bytes = substr(bytes, 1, octet_length(bytes) - 4) WHERE entry_id = '$ENTRY';
                UPDATE lever.message SET tail_size = tail_size - 4 WHERE entry_id = '$ENTRY';
                """, "damaged"
            ),
            (
                "its time is another",
                "UPDATE lever.message SET accepted_at = accepted_at + interval '1 ms' WHERE entry_id = '$ENTRY'",
                "moved"
            ),
            (
                "it is in another thread, of the same candidate",
                """
                INSERT INTO lever.thread (company_id, thread_id, candidate_id) VALUES ($COMPANY, $NEW, $CANDIDATE);
                UPDATE lever.message SET thread_id = $NEW WHERE entry_id = '$ENTRY'
                """, "moved"
            ),
        ])
        func `a row that was moved or changed is refused, with the reason`(
            _ what: String, _ sql: String, _ reason: String
        ) async throws {
            let host = try MailHost.shared.get()
            let (one, other) = (try await Correspondence(host), try await Correspondence(host))
            #expect(try timeline(host, one.candidate).messages.map(\.subject) == ["A true word"])

            _ = try host.query(
                sql.replacing("$ENTRY", with: one.entry).replacing("$OTHER", with: other.entry)
                    .replacing("$COMPANY", with: "\(host.acme.id)").replacing("$CANDIDATE", with: "\(one.candidate)")
                    .replacing("$NEW", with: "\(Int64.random(in: 1...Int64.max))"))
            let messages = try timeline(host, one.candidate).messages
            #expect(messages.map(\.entry) == [one.entry])
            #expect(messages[0].subject == nil)
            #expect(messages[0].error?.contains(reason) == true, "\(what): \(messages[0].error ?? "it opened")")
            #expect(try timeline(host, other.candidate).messages.map(\.subject) == ["A true word"])
        }

        @Test func `a message moved to another candidate, another company or another entry id is refused`()
            async throws
        {
            let host = try MailHost.shared.get()
            let (one, other) = (try await Correspondence(host), try await Correspondence(host))
            _ = try host.query(
                """
                UPDATE lever.message SET candidate_id = \(other.candidate), thread_id = \(other.thread)
                WHERE entry_id = '\(one.entry)'
                """)
            let messages = try timeline(host, other.candidate).messages
            #expect(messages.count == 2)
            #expect(messages.first { $0.entry == one.entry }?.error?.contains("moved") == true)
            #expect(messages.first { $0.entry == other.entry }?.subject == "A true word")

            // To Initech, whose reader even has Acme's private key, under an entry id that is free there.
            let foreign =
                "01234567-89ab-7def-8123-\(String(Int64.random(in: 0..<1 << 48) + 1 << 48, radix: 16).suffix(12))"
            _ = try host.query(
                """
                CREATE TEMPORARY TABLE copy AS SELECT * FROM lever.message WHERE entry_id = '\(other.entry)';
                UPDATE copy SET company_id = \(host.initech.id), candidate_id = \(host.initech.candidate),
                    thread_id = \(host.initech.thread), entry_id = '\(foreign)';
                SET session_replication_role = replica;
                INSERT INTO lever.message SELECT * FROM copy;
                INSERT INTO lever.message_key
                SELECT \(host.initech.id), '\(foreign)', head FROM lever.message_key WHERE entry_id = '\(other.entry)';
                INSERT INTO lever.message_part SELECT \(host.initech.id), '\(foreign)', part, bytes
                FROM lever.message_part WHERE entry_id = '\(other.entry)';
                """)
            let export = try host.initech.ctl.run(
                "message", "export", foreign, "--company", "Initech", "--private-key", host.acme.privateKey, "--out",
                "-")
            #expect(export.status == 1 && export.output.isEmpty)
            #expect(export.errors.contains("moved"), "\(export.errors)")
            _ = try host.query("DELETE FROM lever.message WHERE entry_id = '\(foreign)'")
        }

        @Test func `a profile moved to another candidate is refused`() async throws {
            let host = try MailHost.shared.get()
            let (one, other) = (try await Correspondence(host), try await Correspondence(host))
            _ = try host.query(
                """
                UPDATE lever.candidate AS c SET head = o.head, tail = o.tail, entry_id = o.entry_id, bound_at = o.bound_at
                FROM lever.candidate AS o WHERE o.company_id = \(host.acme.id) AND o.candidate_id = \(other.candidate)
                    AND c.company_id = o.company_id AND c.candidate_id = \(one.candidate)
                """)
            #expect(try timeline(host, one.candidate).name == nil)
            #expect(try timeline(host, other.candidate).name == "Tess Tamper")
        }

        @Test func `a thread moved to another candidate shows in the audit`() async throws {
            let company = try await OwnCompany()
            let host = company.host
            let (one, other) = (try company.startThread(), try company.startThread())
            let id = try host.send(Letter("Moved").answering(one.messageId), to: [company.address])
            #expect(try await host.story(of: id).outcome == "captured")
            let directory = try TemporaryDirectory("audit")
            let login = "auditor_\(Letter.unique())"
            try host.postgres.query("CREATE ROLE \(login) LOGIN IN ROLE lever_auditor")
            try company.ctl.check("access", "grant", login, "--company", company.name)
            let database = host.postgres.connectionString(database: MailHost.database, user: login)
            let auditor = LeverCtl(
                configuration: try directory.write("ctl.yaml", "auditor_database: \(database)\n"))
            try auditor.check("audit", "verify", "--company", company.name)
            func assign(_ candidate: Int64) throws {
                // A superuser, past the foreign key that ties the messages to their thread's candidate.
                _ = try host.query(
                    """
                    SET session_replication_role = replica;
                    UPDATE lever.thread SET candidate_id = \(candidate) WHERE thread_id = \(one.thread);
                    UPDATE lever.message SET candidate_id = \(candidate) WHERE thread_id = \(one.thread)
                    """)
            }
            try assign(other.candidate)
            let verification = try auditor.run("audit", "verify", "--company", company.name)
            #expect(verification.status == 1)
            #expect(verification.text.contains("thread \(one.thread) was started for candidate \(one.candidate)"))
            try assign(one.candidate)
            try auditor.check("audit", "verify", "--company", company.name)
        }
    }
}
