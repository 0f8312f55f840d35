import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Users {
        @Test func `a user is added, changed, listed and disabled`() async throws {
            let company = try await OwnCompany()
            let ctl = try company.addUser("ada", role: "team-member", email: "ada@\(company.domain)")
            let login = "ada_\(company.word)"
            let changed: LeverCtlJSON.User = try company.ctl.json(
                "user", "set", login, "--company", company.name, "--role", "admin", "--email", "Ada.L@\(company.domain)"
            )
            #expect(changed.role == "admin" && changed.enabled && changed.email == nil)
            let opened: [LeverCtlJSON.User] = try company.ctl.json(
                "user", "list", "--company", company.name, "--private-key", company.privateKey)
            #expect(opened.first { $0.login == login }?.email == "Ada.L@\(company.domain)")
            let table = try company.ctl.text("user", "list", "--company", company.name).split(separator: "\n")
            #expect(table[0].split(separator: " ") == ["LOGIN", "ROLE", "STATE", "GRANTS", "ADDED"])
            #expect(table.count == 3)

            let candidate = try company.addCandidate("anna@home.example")
            #expect(try company.timeline(candidate, as: ctl).name == "Anna Berg")
            try company.ctl.check("user", "set", login, "--company", company.name, "--disable")
            #expect(throws: HarnessError.self) { try company.timeline(candidate, as: ctl) }
            try company.ctl.check("user", "set", login, "--company", company.name, "--enable")
            #expect(try company.timeline(candidate, as: ctl).name == "Anna Berg")
            let nobody = try company.ctl.run(
                "user", "add", "nobody_\(company.word)", "--company", company.name, "--role", "admin", "--email",
                "n@x.example")
            #expect(nobody.status == 1 && nobody.errors.contains("CREATE ROLE"))
        }

        @Test func `a team member's timeline shows nothing of a secret thread until it is secret no longer`()
            async throws
        {
            let company = try await OwnCompany()
            let member = try company.addUser("tom", role: "team-member", email: "tom@\(company.domain)")
            let first = try company.startThread()
            let second = try company.startThread(candidate: first.candidate)
            for (subject, thread) in [("Open", first), ("Secret", second)] {
                _ = try await capture(Letter(subject).answering(thread.messageId), company)
            }
            #expect(
                try company.ctl.text("thread", "secret", "\(second.thread)", "--company", company.name)
                    == "Thread \(second.thread) is now secret.\n")
            let seen = try company.timeline(first.candidate, as: member)
            #expect(seen.subjects == ["Open"] && seen.messages.map(\.thread) == [first.thread])
            let all = try company.timeline(first.candidate)
            #expect(all.subjects == ["Open", "Secret"])
            #expect(all.messages.filter(\.secret).map(\.thread) == [second.thread])
            let refused = try member.run("thread", "secret", "\(second.thread)", "--company", company.name, "--off")
            #expect(refused.status == 1 && refused.errors.contains("no such thread"))

            let off: LeverCtlJSON.ThreadSecrecy = try company.ctl.json(
                "thread", "secret", "\(second.thread)", "--company", company.name, "--off")
            #expect(off.thread == second.thread && !off.secret)
            #expect(try company.timeline(first.candidate, as: member).subjects == ["Open", "Secret"])
        }

        @Test func `privileges are listed as the database has them, to an auditor only for the companies granted`()
            async throws
        {
            let company = try await OwnCompany()
            let access: LeverCtlJSON.Access = try company.ctl.json("access", "list")
            #expect(
                Set(access.privileges.map(\.role)).isSuperset(of: ["lever_ingest", "lever_reader", "lever_auditor"]))
            #expect(!access.privileges.contains { $0.object.contains("message_key") && $0.role == "lever_reader" })
            let rekey = try #require(access.logins.first { $0.login == "rekey_\(company.word)" })
            #expect(rekey.roles == ["lever_rekey"] && rekey.companies == [company.name] && !rekey.privileged)
            #expect(access.logins.contains { $0.login == "postgres" && $0.privileged })

            let table = try company.ctl.text("access", "list")
            #expect(table.hasPrefix("ROLE") && table.contains("BOUND BY ROW-LEVEL SECURITY"))
            let own: LeverCtlJSON.Access = try company.ctl.json("access", "list", "--auditor")
            #expect(own.logins.contains { $0.login == "rekey_\(company.word)" })
            #expect(!own.logins.contains { $0.login == "super_acme" }, "tenants do not learn of each other")
            #expect(
                own.logins.contains { $0.login == MailHost.login } && own.logins.contains { $0.login == "postgres" })
            try company.ctl.check("access", "revoke", "rekey_\(company.word)", "--company", company.name)
            let rewrap = try company.ctl.run(
                "key", "rewrap", "--company", company.name, "--private-key", company.privateKey)
            #expect(rewrap.status == 1 && rewrap.errors.contains("no company"))
        }

        @Test
        func `the audit shows who did what; a row changed or removed by a superuser is found, with exit status 1`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            let entry = try await capture(Letter("Audited").answering(thread.messageId), company)
            try company.ctl.check(
                "timeline", "--company", company.name, "--candidate", "\(thread.candidate)", "--private-key",
                company.privateKey, "--reason", "a test")
            let rows: [LeverCtlJSON.AuditRow] = try company.ctl.json(
                "audit", "list", "--company", company.name, "--entry", entry)
            #expect(rows.map(\.action) == ["open"] && rows[0].allowed && rows[0].login == "super_\(company.word)")
            #expect(rows[0].reason.contains("a test"))
            #expect(try company.ctl.text("audit", "list", "--company", company.name).hasPrefix("ROW"))

            let (key, signer, head) = (
                company.directory.file("audit.key"), company.directory.file("audit.pub"), company.directory.file("head")
            )
            try company.ctl.check("audit", "generate-key", "--signing-key", key, "--public-key", signer)
            #expect(
                try company.ctl.text("audit", "export", "--company", company.name, "--signing-key", key, "--out", head)
                    .hasSuffix(" to \(head).\n"))
            let verify = ["audit", "verify", "--company", company.name]
            let good: LeverCtlJSON.AuditVerification = try company.ctl.json(
                "audit", "verify", "--company", company.name, "--head", head, "--signer", signer)
            #expect(good.faults.isEmpty && good.heads == 1 && good.rows > rows[0].sequence - 1)
            let (otherKey, other) = (company.directory.file("other.key"), company.directory.file("other.pub"))
            try company.ctl.check("audit", "generate-key", "--signing-key", otherKey, "--public-key", other)
            let forged = try company.ctl.run(verify + ["--head", head, "--signer", other], timeout: 60)
            #expect(forged.status == 1 && forged.errors.contains("signed with another key"))

            func tamper(_ sql: String) throws {
                try company.host.query("SET session_replication_role = replica; \(sql)")
            }
            let row = "company_id = \(company.id) AND seq = \(rows[0].sequence)"
            try tamper("UPDATE lever.audit SET login = 'somebody' WHERE \(row)")
            let changed = try company.ctl.run(verify, timeout: 60)
            #expect(changed.status == 1 && changed.text.contains("row \(rows[0].sequence) was changed\n"))
            #expect(changed.text.contains("NOT as it was written."))
            try tamper("UPDATE lever.audit SET login = 'super_\(company.word)' WHERE \(row)")
            #expect(try company.ctl.run(verify, timeout: 60).status == 0)

            // Removed so that the chain itself is still valid.
            try tamper(
                """
                DELETE FROM lever.audit WHERE company_id = \(company.id) AND seq = \(good.rows);
                UPDATE lever.audit_head AS h SET (seq, hash) = (SELECT seq, hash FROM lever.audit AS a
                    WHERE a.company_id = h.company_id ORDER BY seq DESC LIMIT 1) WHERE company_id = \(company.id);
                """)
            #expect(try company.ctl.run(verify, timeout: 60).status == 0)
            let cut = try company.ctl.run(verify + ["--head", head], timeout: 60)
            #expect(cut.status == 1 && cut.text.contains("the exported head is of row \(good.rows)"))
        }
    }
}
