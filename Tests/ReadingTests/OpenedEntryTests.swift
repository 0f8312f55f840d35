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
