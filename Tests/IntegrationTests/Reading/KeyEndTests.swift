import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct KeyEnd {
        @Test func `re-wrapping that was killed midway completes when run again; a terminal shows its progress`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            let subjects = (1...8).map { "Message \($0)" }
            for subject in subjects { try await capture(Letter(subject).answering(thread.messageId), company) }
            let new = company.directory.file("second.pem")
            try await takeOver(company, new)

            // It stops at the fifth, which another session has locked.
            let entry = try company.host.query(
                "SELECT entry_id FROM lever.message WHERE company_id = \(company.id) ORDER BY entry_id OFFSET 4 LIMIT 1"
            )
            let lock = try RowLock("lever.message_key WHERE entry_id = '\(entry)'", name: company.word, company.host)
            try await lock.isHeld()
            let arguments = [
                Products.path("leverctl"), "key", "rewrap", "--company", company.name, "--private-key",
                company.privateKey, "--batch", "1",
            ]
            let rewrap = try ChildProcess(
                arguments, environment: company.ctl.environment, output: company.directory.file("rewrap.out"),
                stopSignal: .kill)
            try await waitUntil("four to be re-wrapped") { try sealingKeys(company).map(\.messages) == [4, 4] }
            #expect(try rewrap.stop() == 128 + 9)
            // Its session waits for the row, and would go on once that is free.
            try await waitUntil("its session to end") {
                try company.host.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE query LIKE '%replace_heads%' AND wait_event_type = 'Lock'
                    """) == ""
            }
            try lock.release()
            let both = try company.timeline(thread.candidate, keys: [company.privateKey, new])
            #expect(both.subjects == subjects)
            #expect(try sealingKeys(company).map(\.messages) == [4, 4])

            let terminal = try Terminal(arguments, environment: company.ctl.environment)
            try terminal.expect("] 0/4")
            try terminal.expect("[\(String(repeating: "#", count: 40))] 4/4")
            try terminal.expect("4 messages and 2 profiles re-wrapped.")
            #expect(try terminal.exitStatus() == 0)
            #expect(try sealingKeys(company).map(\.messages) == [0, 8])
            #expect(try company.timeline(thread.candidate, keys: [new]).subjects == subjects)
            let again = try company.ctl.run(
                "key", "rewrap", "--company", company.name, "--private-key", company.privateKey)
            #expect(again.status == 0 && again.errors.isEmpty)
            #expect(again.text.hasPrefix("0 messages and 0 profiles re-wrapped.\n"))
        }

        @Test
        func
            `a message sealed to a destroyed key alone is unreadable; one with other recipients opens with theirs`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            let (first, second, escrow) = (
                company.privateKey, company.directory.file("second.pem"), company.directory.file("escrow.pem")
            )
            let alone = try await capture(Letter("Alone").answering(thread.messageId), company)
            try company.ctl.check("key", "generate", "--company", company.name, "--private-key", escrow, "--escrow")
            let shared = try await sealedTwice("Shared", thread, company)
            try await takeOver(company, second)
            _ = try await sealedTwice("Later", thread, company)
            let keys = try sealingKeys(company)
            #expect(keys.map(\.escrow) == [false, true, false])
            let table = try company.ctl.text("key", "list", "--company", company.name).split(separator: "\n")
            #expect(table[0].split(separator: " ") == ["KIND", "KEY", "STATE", "CREATED", "MESSAGES", "PROFILES"])
            #expect(
                table.dropFirst().map { $0.prefix { $0 != " " } } == [
                    "sealing", "escrow", "sealing", "marker", "index",
                ])

            let unwilling = try company.ctl.run("key", "retire", keys[0].keyId, "--company", company.name)
            #expect(unwilling.status == 1 && unwilling.errors.contains("1 message and 2 profiles would have no key"))
            let wrong = try company.ctl.run(
                "key", "destroy", keys[0].keyId, "--company", company.name, "--confirm", "Another company")
            #expect(wrong.status == 1 && wrong.errors.contains("nothing was changed"))
            #expect(try company.timeline(thread.candidate, keys: [first, second]).messages.compactMap(\.error) == [])
            let sealed = try export(alone, company)
            #expect(try openssl(sealed, first).contains("Subject: Alone"))

            try await end("destroy", keys[0].keyId, company, "--confirm", company.name)
            for (keys, subjects) in [([first], []), ([first, second], ["Later"]), ([escrow], ["Later", "Shared"])] {
                let timeline = try company.timeline(thread.candidate, keys: keys)
                #expect(timeline.subjects == subjects)
                #expect(timeline.messages.count == 3)
                #expect(timeline.name == nil)
            }
            #expect(throws: HarnessError.self) { try export(alone, company) }
            let tail = try hexadecimal("SELECT bytes FROM lever.message_part WHERE entry_id = '\(alone)'", company.host)
            #expect(sealed.suffix(tail.count) == tail[...], "the tail alone remains")
            #expect(try openssl(tail, first).isEmpty)
            #expect(try company.host.query("SELECT count(*) FROM lever.message_key WHERE entry_id = '\(alone)'") == "0")

            let left = try export(shared, company)
            #expect(try openssl(left, first).isEmpty)
            #expect(try openssl(left, escrow).contains("Subject: Shared"))
            #expect(
                !left.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined().contains(keys[0].keyId))
            #expect(
                try company.host.query("SELECT key_ids FROM lever.message WHERE entry_id = '\(shared)'")
                    == "{\"\\\\x\(keys[1].keyId)\"}")
        }

        private struct Exchange: Decodable {
            let row: Int
            let heads: Int
        }

        @Test func `what a re-wrapping replaced is put back on request, and the exchange of either is in the audit`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            try await capture(Letter("Alone").answering(thread.messageId), company)
            let new = company.directory.file("second.pem")
            try await takeOver(company, new)
            try company.ctl.check("key", "rewrap", "--company", company.name, "--private-key", company.privateKey)
            #expect(try company.timeline(thread.candidate, keys: [new]).subjects == ["Alone"])
            let exchanges: [Exchange] = try company.ctl.json("key", "restore", "--company", company.name)
            #expect(exchanges.map(\.heads) == [1, 2])
            try company.ctl.check("key", "restore", "--company", company.name, "--row", "\(exchanges[0].row)")
            #expect(try sealingKeys(company).map(\.messages) == [1, 0])
            #expect(try company.timeline(thread.candidate, keys: [company.privateKey]).subjects == ["Alone"])
            #expect(
                try company.host.query(
                    "SELECT string_agg(reason, ', ' ORDER BY seq) FROM lever.audit WHERE company_id = \(company.id) "
                        + "AND action = 'rewrap' AND seq >= \(exchanges[0].row)")
                    == "1 heads exchanged, 2 heads exchanged, 3 heads put back as before row \(exchanges[0].row)")
        }

        @Test func `an address that nobody can open blocks a new index key until it is entered again`()
            async throws
        {
            let company = try await OwnCompany()
            let candidate = try company.addCandidate("anna@home.example")
            let new = company.directory.file("second.pem")
            try await takeOver(company, new)
            try await end("destroy", try sealingKeys(company)[0].keyId, company, "--confirm", company.name)
            let index = ["key", "rotate", "--company", company.name, "--kind", "index", "--open-with", new]
            let refused = try company.ctl.run(index, timeout: 60)
            #expect(refused.status == 1 && refused.errors.contains("enter them again: leverctl user set --email"))

            try company.ctl.check(
                "user", "set", "super_\(company.word)", "--company", company.name, "--email", "super@\(company.domain)")
            for state in ["next", "distributed", "primary"] {
                #expect(try await rotate(company, "--kind", "index", "--open-with", new) == state)
            }
            let retire = try company.ctl.run(
                "key", "retire", "1", "--company", company.name, "--kind", "index", timeout: 60)
            #expect(retire.status == 1 && retire.errors.contains("1 candidate would no longer be found"))
            try company.ctl.check(
                "candidate", "anonymize", "\(candidate)", "--company", company.name, "--confirm", company.name)
            try await end("retire", "1", company, "--kind", "index")
        }

        /// Makes the new sealing key the primary one.
        private func takeOver(_ company: OwnCompany, _ new: String) async throws {
            #expect(try await rotate(company, "--private-key", new) == "next")
            #expect(try await rotate(company) == "distributed")
            #expect(try await rotate(company) == "primary")
        }

        /// Sends a message once the mail host has both keys. Returns its entry.
        private func sealedTwice(
            _ subject: String, _ thread: OwnCompany.Thread, _ company: OwnCompany
        ) async throws -> String {
            try await company.changesAreKnown()
            let entry = try await capture(Letter(subject).answering(thread.messageId), company)
            #expect(
                try company.host.query("SELECT cardinality(key_ids) FROM lever.message WHERE entry_id = '\(entry)'")
                    == "2")
            return entry
        }

        private func export(_ entry: String, _ company: OwnCompany) throws -> [UInt8] {
            try company.ctl.check("message", "export", entry, "--company", company.name, "--sealed", "--out", "-")
        }

        /// A message as opened by stock openssl; empty if it does not open.
        private func openssl(_ sealed: [UInt8], _ key: String) throws -> [UInt8] {
            let opened = try Command.run(
                [
                    "openssl", "cms", "-decrypt", "-inform", "DER", "-inkey", key, "-passin",
                    "pass:\(MailHost.passphrase)", "-binary",
                ], input: sealed)
            return opened.status == 0 ? opened.output : []
        }

        private func hexadecimal(_ sql: String, _ host: MailHost) throws -> [UInt8] {
            let text = Array(try host.query(sql).dropFirst(2))
            return stride(from: 0, to: text.count, by: 2).map { UInt8(String(text[$0...($0 + 1)]), radix: 16)! }
        }
    }
}

/// Sends a message to the company through the shared mail host, which must capture it. Returns its entry.
@discardableResult
func capture(
    _ letter: Letter, _ company: OwnCompany, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> String {
    let story = try await company.host.story(of: company.host.send(letter, to: [company.address]))
    try #require(story.outcome == "captured", sourceLocation: sourceLocation)
    return story.entry
}

/// Rows locked by another session until they are released.
private final class RowLock: Sendable {
    private let session: ChildProcess
    private let name: String
    private let host: MailHost

    init(_ rows: String, name: String, _ host: MailHost) throws {
        self.name = name
        self.host = host
        let conninfo = host.postgres.connectionString(database: MailHost.database) + " application_name=\(name)"
        session = try ChildProcess(
            [
                "psql", conninfo, "--command=BEGIN", "--command=SELECT FROM \(rows) FOR UPDATE",
                "--command=SELECT pg_sleep(60)",
            ],
            output: "/dev/null")
    }

    func isHeld() async throws {
        try await waitUntil("the lock") {
            try host.query(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(name)' AND query LIKE '%pg_sleep%'")
                == "1"
        }
    }

    func release() throws {
        _ = try host.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '\(name)'")
        try session.stop()
    }
}
