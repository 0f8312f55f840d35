import Core
import TestSupport
import Testing

@testable import Store

/// A message that a user sends, and a mail host's copy of it: one entry, whichever comes first.
@Suite struct SentCopyTests: StoreSuite {
    let fixture: StoreFixture
    private let sender: Sender

    init() throws {
        fixture = try StoreFixture(.common())
        sender = try Sender(fixture)
    }

    /// The keys by which a mail host recognises a message in the outbox.
    private func sentKeys(of entry: EntryID) throws -> [[UInt8]] {
        try column("encode(dedupe_keys[1], 'hex')", of: entry, in: "outbox").split(separator: ",")
            .map { [UInt8](hex: $0)! }
    }

    @Test func `a mail host's copy is marked as sent, and nothing else of it changes`() throws {
        let begun = try sender.waiting(to: tenant.candidate)
        let copy = tenant.message(
            dedupeKey: .random(32), further: try sentKeys(of: begun.entry), thread: begun.thread, direction: .outbound)
        #expect(try mailHost.ingest([copy]) == [.captured])
        let others =
            "recipient_indices, sender_index, direction, authentication, message_id_index, dedupe_key, stored_at"
        let before = try column(others, of: copy.entry)
        #expect(
            try storeError { try sender.session.takeFromOutbox(begun.entry, company: company) as Any } == nil,
            "it is not sent again")
        let (outcome, stored) = try sender.session.finishSending(begun.entry, company: company)
        #expect(outcome == .duplicate && stored == copy.entry)
        #expect(try column(others, of: copy.entry) == before)
        #expect(try column("'sent' = ANY (labels)", of: copy.entry) == "t")
        #expect(try count("message") == "1" && count("learned_id") == "0" && count("outbox") == "0")
    }

    @Test func `a mail host's copy that comes later is a duplicate`() throws {
        let begun = try sender.waiting(to: tenant.candidate)
        let keys = try sentKeys(of: begun.entry)
        #expect(try sender.finish(begun.entry) == .captured)
        let copy = tenant.message(
            dedupeKey: .random(32), further: keys, thread: begun.thread, direction: .outbound)
        #expect(try mailHost.ingest([copy]) == [.duplicate])
        #expect(try count("message") == "1")
    }

    @Test func `finishing tells nothing of a message in another thread`() throws {
        let message = tenant.message()
        #expect(try mailHost.ingest([message]) == [.captured])
        let secret = message.entry
        try database.timeline(of: tenant, .admin).setSecret(
            true, thread: tenant.thread, company: company, reason: "hr")
        let begun = try sender.waiting(to: tenant.candidate)
        // Even if the database held it for the same mail.
        _ = try database.query(
            """
            INSERT INTO lever.message_dedupe SELECT company_id, dedupe_keys[1], '\(secret)' FROM lever.outbox
            WHERE entry_id = '\(begun.entry)'
            """)
        let labels = try column("labels", of: secret)
        #expect(try sqlState { try sender.finish(begun.entry) } == "40001")
        #expect(try column("labels", of: secret) == labels)
        #expect(try sender.session.find(entry: secret, company: company) == nil)
    }

    @Test func `of two who finish at once, both hear the same, and it is stored once`() throws {
        for _ in 0..<10 {
            let begun = try sender.waiting(to: tenant.candidate)
            let (conninfo, company) = (database.conninfo(user: sender.login), company)
            let results = concurrently(4) { _ in
                try ReaderSession(conninfo).finishSending(begun.entry, company: company)
            }
            for result in results {
                let (outcome, stored) = try result.get()
                #expect(outcome == .captured && stored == begun.entry)
            }
        }
        #expect(try count("message") == "10" && count("outbox") == "0")
    }
}
