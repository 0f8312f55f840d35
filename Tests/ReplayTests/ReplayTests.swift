import Core
import DatabaseSupport
import Foundation
import Mailboxes
import Replay
import Store
import TestSupport
import Testing

@Suite struct ReplayTests {
    @Test func `marked mail is captured, unmarked mail is counted and not stored`() throws {
        let acme = try DatabaseCompany()
        let replay = try acme.replay()
        try acme.take([acme.reply("One"), "Subject: private\n\nhi\n", acme.reply("Two")], by: replay)
        #expect(replay.summary.outcomes == ["captured": 2, "no_marker": 1] && replay.summary.messages == 3)
        #expect(try acme.query("SELECT count(*) FROM lever.message") == "2")
        #expect(try acme.query("SELECT DISTINCT queue_id, host FROM lever.message") == "replay|mx1.example")
    }

    @Test func `a second run stores nothing twice`() throws {
        let acme = try DatabaseCompany()
        let message = acme.reply("Once")
        for outcome in ["captured", "duplicate"] {
            let replay = try acme.replay()
            try acme.take([message], by: replay)
            #expect(replay.summary.outcomes == [outcome: 1])
        }
        #expect(try acme.query("SELECT count(*) FROM lever.message") == "1")
    }

    @Test func `a dry run decides and stores nothing`() throws {
        let acme = try DatabaseCompany()
        let replay = try acme.replay(isDryRun: true)
        try acme.take([acme.reply("One")], by: replay)
        #expect(replay.summary.outcomes == ["captured": 1] && replay.summary.dryRun)
        #expect(try acme.query("SELECT count(*) FROM lever.message") == "0")
    }

    @Test(arguments: [false, true])
    func `a message over the limit is too large, stored or not`(isDryRun: Bool) throws {
        let acme = try DatabaseCompany()
        let replay = try acme.replay(sizeLimit: 1000, isDryRun: isDryRun)
        try acme.take([acme.reply("Large", body: String(repeating: "x\n", count: 1000))], by: replay)
        #expect(replay.summary.outcomes == ["too_large": 1])
    }

    @Test func `a company in observe mode is counted and not stored`() throws {
        let acme = try DatabaseCompany(capture: .observe)
        let replay = try acme.replay()
        try acme.take([acme.reply("One")], by: replay)
        #expect(replay.summary.outcomes == ["observe_only": 1])
        #expect(try acme.query("SELECT count(*) FROM lever.message") == "0")
    }

    @Test func `a company is found by id or domain, never by name`() throws {
        let acme = try DatabaseCompany()
        let store = try ReplayStore(acme.mailHost, timeout: 30)
        #expect(try store.company("\(acme.company.id)") == acme.company.id)
        #expect(try store.company("ACME.example") == acme.company.id)
        let error = #expect(throws: ReplayError.self) { try store.company("Acme") }
        guard case .unknownCompany("Acme") = error else { throw HarnessError("\(error!)") }
    }

    @Test func `a company that only forwards cannot replay`() throws {
        let acme = try DatabaseCompany(capture: .forward)
        let error = #expect(throws: ReplayError.self) { try acme.replay() }
        guard case .forwardsOnly = error else { throw HarnessError("\(error!)") }
    }

    @Test func `a message that is not whole is captured with a warning, and others' are not spoken of`() throws {
        let acme = try DatabaseCompany()
        let directory = try TemporaryDirectory("emlx")
        for (number, message) in [acme.reply("One"), "Subject: private\n\nhi\n"].enumerated() {
            try directory.write("\(number).partial.emlx", "\(message.utf8.count)\n\(message)<?xml?>\n")
        }
        let replay = try acme.replay()
        let source = try MailSource(directory.path)
        while case .message(let message)? = source.next() { try replay.take(message) }
        try replay.flush()
        #expect(replay.summary.outcomes == ["captured": 1, "no_marker": 1] && replay.summary.failed.isEmpty)
        #expect(replay.summary.warnings?.map(\.name) == [directory.file("0.partial.emlx")])
    }

    @Test(arguments: ["\u{feff}", "\r\n\n", "From anna\n"])
    func `a message with something in front is the one that was captured without it`(_ front: String) throws {
        let acme = try DatabaseCompany()
        let replay = try acme.replay()
        let message = acme.reply("Once")
        try acme.take([message], by: replay)
        try acme.take([front + message], by: replay)
        #expect(replay.summary.outcomes == ["captured": 1, "duplicate": 1])
    }

    @Test func `the summary's JSON has these fields`() throws {
        let acme = try DatabaseCompany()
        let replay = try acme.replay()
        replay.fail("a.eml", "it is empty")
        try acme.take([acme.reply("One")], by: replay)
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(replay.summary)) as? [String: Any]
        #expect(Set(json?.keys ?? [:].keys) == ["company", "dryRun", "interrupted", "messages", "outcomes", "failed"])
        let failed = json?["failed"] as? [[String: String]]
        #expect(failed == [["name": "a.eml", "reason": "it is empty"]])
    }
}
