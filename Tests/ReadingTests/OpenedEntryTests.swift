import Core
import DatabaseSupport
import Store
import Testing
import Unsealing

@testable import Reading

@Suite struct OpenedEntryTests {
    @Test func `a removed entry has no content, no origin and no problem`() {
        let entry = OpenedEntry(.sample(removedAt: .now()), raw: nil, origin: nil)
        #expect(entry.message == nil && entry.mboxrd == nil && entry.problem == nil)
    }

    @Test func `an entry that does not open says why`() {
        let entry = OpenedEntry(.sample(), raw: .failure(OpeningError.damaged), origin: .unsigned)
        #expect(entry.message == nil && entry.mboxrd == nil && entry.problem == "\(OpeningError.damaged)")
    }

    @Test func `a captured message opens, once the audit has a row of it`() throws {
        let acme = try DatabaseCompany()
        _ = try acme.capture(acme.reply("Offer", body: "I accept."))
        let (reader, _) = try acme.newReader()
        let entries = try reader.entries(company: acme.company.id, candidate: acme.candidate)
        let opened = try entries.map {
            try OpenedEntry(
                $0, in: reader, keys: acme.keys, ReaderSession.Purpose(.open, reason: "reading"),
                hostKeys: reader.hostKeys())
        }
        #expect(opened.count == 1 && opened[0].message?.subject == "Offer" && opened[0].origin == .unsigned)
        #expect(opened[0].message?.text == [.text("I accept.")])
        #expect(try acme.query("SELECT action, allowed FROM lever.audit WHERE reason = 'reading'") == "open|t")
    }

    @Test func `a batch has fifty messages and 4 MiB, or one larger message`() {
        func batches(_ sizes: [Int?]) -> [Int] {
            ReaderSession.batches(
                of: sizes.map { .sample(removedAt: $0 == nil ? .now() : nil, size: ($0 ?? 5_000_000) - 62) }
            ).map(\.count)
        }
        let half = 2 << 20
        #expect(batches([]) == [])
        #expect(batches(Array(repeating: 1000, count: 120)) == [50, 50, 20])
        #expect(batches([half, half, 100, half]) == [2, 2])
        #expect(batches([100, 30 << 20, 100, 100]) == [1, 1, 2])
        #expect(batches([30 << 20, 30 << 20]) == [1, 1])
        #expect(batches([nil, half, nil, half, nil, 100]) == [5, 1])
    }

    @Test func `a timeline is opened together and shown in order, with what was removed or does not open`() throws {
        let acme = try DatabaseCompany()
        let ids = try (0..<4).map { try acme.capture(acme.reply("Offer \($0)")) }
        let (reader, _) = try acme.newReader()
        try reader.removeMessage(ids[1], company: acme.company.id, reason: "")
        _ = try acme.query("UPDATE lever.message_part SET bytes = '\\x00' || bytes WHERE entry_id = '\(ids[2])'")
        let entries = try ids.map { try #require(try reader.find(entry: $0, company: acme.company.id)) }
        var opened: [OpenedEntry] = []
        try reader.open(
            entries, keys: acme.keys, ReaderSession.Purpose(.open, reason: "all"), hostKeys: reader.hostKeys()
        ) { opened.append($0) }
        #expect(opened.map(\.entry.entry) == ids)
        #expect(opened.map { $0.message?.subject } == ["Offer 0", nil, nil, "Offer 3"])
        #expect(opened.map(\.problem) == [nil, nil, "\(OpeningError.damaged)", nil])
        #expect(
            try acme.query("SELECT action, allowed FROM lever.audit WHERE reason = 'all' ORDER BY seq")
                == Array(repeating: "open|t", count: 3).joined(separator: "\n"))
        #expect(try acme.query("SELECT count(*) FROM lever.audit WHERE action = 'refuse'") == "1")
    }

    @Test func `a message for other keys is a problem, and the audit records that it did not open`() throws {
        let acme = try DatabaseCompany()
        let id = try acme.capture(acme.reply("Offer"))
        let (reader, _) = try acme.newReader()
        let strangers = KeyRing([try PrivateKey.generate()])
        let entry = try #require(try reader.find(entry: id, company: acme.company.id))
        let opened = try OpenedEntry(
            entry, in: reader, keys: strangers, ReaderSession.Purpose(.open, reason: "curious"), hostKeys: [:])
        #expect(opened.problem?.contains(acme.key.keyID.hex) == true && opened.message == nil)
        #expect(throws: OpeningError.self) {
            try reader.rawMessage(
                of: id, company: acme.company.id, keys: strangers, ReaderSession.Purpose(.export, reason: "curious"))
        }
        let failures = try acme.query(
            "SELECT count(*) FROM lever.audit WHERE reason = 'not sealed to the private key at hand'")
        #expect(failures == "2")
    }

    @Test func `the raw message is what was captured; of an unknown entry, the audit records the refusal`() throws {
        let acme = try DatabaseCompany()
        let message = acme.reply("Offer")
        let id = try acme.capture(message)
        let (reader, _) = try acme.newReader()
        let purpose = ReaderSession.Purpose(.export, reason: "export")
        let raw = try reader.rawMessage(of: id, company: acme.company.id, keys: acme.keys, purpose)
        #expect(String(decoding: raw, as: UTF8.self) == message.replacing("\n", with: "\r\n"))
        let unknown = EntryID.make(at: .now())
        #expect(throws: StoreError.unknownEntry(unknown)) {
            try reader.rawMessage(of: unknown, company: acme.company.id, keys: acme.keys, purpose)
        }
        #expect(try acme.query("SELECT allowed FROM lever.audit WHERE reason LIKE '%export%' ORDER BY seq") == "t\nf")
    }

    @Test func `a candidate's profile opens for users of the company`() throws {
        let acme = try DatabaseCompany()
        let (reader, _) = try acme.newReader()
        let candidate = try reader.candidate(acme.candidate, company: acme.company.id)
        let profile = try reader.profile(of: candidate, keys: acme.keys, reason: "who")
        #expect(profile == CandidateProfile(name: "Zoë", email: "zoe@home.example"))
        #expect(try acme.query("SELECT action FROM lever.audit WHERE reason = 'who'") == "profile")
    }
}
