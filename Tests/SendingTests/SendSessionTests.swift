import Core
import DatabaseSupport
import MIME
import Reading
import Sealing
import Store
import Testing
import Unsealing

@testable import Sending

/// Sending, short of a server that takes the message: that is in the integration tests.
@Suite struct SendSessionTests {
    private let acme: DatabaseCompany
    private let reader: ReaderSession
    private let login: String
    private let draft = Draft(subject: "Your offer", text: "Dear Zoë,\n\nwelcome.")

    init() throws {
        acme = try DatabaseCompany()
        (reader, login) = try acme.newReader()
    }

    private func session(optedIn: Bool = true, withAccount: Bool = true) throws -> SendSession {
        if optedIn { try reader.optIn(true, company: acme.company.id) }
        if withAccount {
            // Nobody listens there.
            let account = MailAccount(
                name: "Rita", address: "rita@acme.example", host: "127.0.0.1", port: 1, security: .tls, user: "rita",
                authorities: nil, secret: .password("p"))
            try account.save(company: acme.company.id, keys: acme.keys, reader)
        }
        return try SendSession(company: acme.company, session: reader, keys: acme.keys, reason: "test")
    }

    private func begin(
        _ session: SendSession, answering entry: EntryID? = nil, sizeLimit: Int = 1 << 20
    ) throws -> OutboxMessage {
        try session.begin(
            draft, to: acme.candidate, answering: entry, markerDomain: DatabaseCompany.markerDomain,
            sizeLimit: sizeLimit)
    }

    @Test func `a user who has not opted in cannot send`() throws {
        #expect(throws: SendError.notOptedIn) { try session(optedIn: false) }
    }

    @Test func `a user without an account cannot send`() throws {
        #expect(throws: SendError.noAccount) { try session(withAccount: false) }
    }

    @Test func `the account is readable with the company's key, and only it`() throws {
        _ = try session()
        let account = try MailAccount.load(company: acme.company.id, keys: acme.keys, reader)
        #expect(account.host == "127.0.0.1" && account.secret == .password("p"))
        let stranger = KeyRing([try PrivateKey.generate()])
        #expect(throws: OpeningError.self) {
            try MailAccount.load(company: acme.company.id, keys: stranger, reader)
        }
    }

    @Test func `a message is in the outbox before it is submitted, and is sent as it was composed`() throws {
        let session = try session()
        let message = try begin(session)
        let waiting = try reader.outbox(of: acme.company.id)
        #expect(waiting.map(\.entry) == [message.entry] && waiting[0].size == message.raw.count)
        #expect(waiting[0].login == login && waiting[0].thread != acme.thread)
        let again = try #require(try session.takeAgain(message.entry))
        #expect(again.raw == message.raw && again.recipient == "zoe@home.example")
        let shown = Message(raw: message.raw)
        #expect(shown.subject == "Your offer" && shown.to == "Zoë <zoe@home.example>")
        #expect(shown.messageID.hasSuffix("@\(DatabaseCompany.markerDomain)>"))
    }

    @Test func `marker and token that the database made are those that a mail host knows`() throws {
        let message = try begin(session())
        let header = RawMessage(message.raw).header
        let thread = try reader.outbox(of: acme.company.id)[0].thread
        let routing = try #require(try Routing(rows: IngestSession(acme.mailHost).routing())[acme.company.id])
        let id = try #require(MessageIDList.ids(in: header.values("Message-ID")).first)
        let marker = try #require(Marker(messageID: id, domains: [DatabaseCompany.markerDomain]))
        #expect(marker.thread == thread && marker.company == acme.company.id)
        #expect(try marker.isAuthentic(key: HMACKey(acme.owner.markerKey(of: acme.company.id).key)))
        for name in ["References", "X-Lever-Thread"] {
            #expect(header.unfolded(name) == header.unfolded("Message-ID"), "\(name)")
        }

        let key = try #require(try EntryToken.dedupeKey(of: header, in: thread, company: routing))
        #expect(
            try acme.query("SELECT encode(dedupe_keys[1], 'hex') FROM lever.outbox WHERE entry_id = '\(message.entry)'")
                == key.hex)
        #expect(try EntryToken.dedupeKey(of: header, in: acme.thread, company: routing) != key, "in its thread alone")
    }

    @Test func `an answer is in the thread of the message that it answers`() throws {
        let entry = try acme.capture(acme.reply("Question"))
        let message = try begin(session(), answering: entry)
        #expect(try reader.outbox(of: acme.company.id)[0].thread == acme.thread)
        let header = RawMessage(message.raw).header
        let answered = RawMessage(
            try reader.rawMessage(
                of: entry, company: acme.company.id, keys: acme.keys, ReaderSession.Purpose(.open, reason: "x"))
        ).header
        #expect(header.unfolded("In-Reply-To") == answered.unfolded("Message-ID"))
    }

    @Test func `an answer goes where Reply-To says only after somebody said so`() throws {
        let session = try session()
        let entry = try acme.capture("Reply-To: Zoe <Zoe@Work.example>\n" + acme.reply("Question"))
        func answer(_ destination: AnswerDestination) throws -> OutboxMessage {
            try session.begin(
                draft, to: acme.candidate, answering: entry, markerDomain: DatabaseCompany.markerDomain,
                sizeLimit: 1 << 20, destination: destination)
        }
        var asked: [ReplyRequest] = []
        func ask(_ request: ReplyRequest) -> Bool {
            asked.append(request)
            return asked.count > 1
        }
        #expect(try answer(.candidate).recipient == "zoe@home.example")
        #expect(try answer(.asked(ask)).recipient == "zoe@home.example")
        let agreed = try answer(.asked(ask))
        #expect(agreed.recipient == "zoe@work.example" && Message(raw: agreed.raw).to == "Zoë <zoe@work.example>")
        #expect(asked.map(\.address) == ["zoe@work.example", "zoe@work.example"])
        let named = try answer(.replyTo(#require(Address("ZOE@work.example"))))
        #expect(named.recipient == "zoe@work.example" && named.isConfirmed)
        #expect(throws: SendError.notReplyTo) { try answer(.replyTo(#require(Address("eve@evil.example")))) }

        // It is sent again to the same address.
        for message in [agreed, named] {
            let again = try #require(try session.takeAgain(message.entry))
            #expect(again.recipient == "zoe@work.example" && again.raw == message.raw)
        }
        let forbidden = try acme.capture("Reply-To: tom@acme.example\n" + acme.reply("Another question"))
        #expect(throws: SendError.refusedReplyTo(.company)) {
            try session.begin(
                draft, to: acme.candidate, answering: forbidden, markerDomain: DatabaseCompany.markerDomain,
                sizeLimit: 1 << 20, destination: .asked { _ in true })
        }
        #expect(try reader.outbox(of: acme.company.id).count == 4)
    }

    @Test func `what cannot be sent leaves nothing in the outbox`() throws {
        let session = try session()
        #expect(throws: SendError.self) { try begin(session, sizeLimit: 100) }
        let unknown = EntryID.make(at: .now())
        #expect(throws: StoreError.unknownEntry(unknown)) { try begin(session, answering: unknown) }
        #expect(throws: StoreError.self) {
            try session.begin(
                draft, to: CandidateID(rawValue: 999_999), answering: nil, markerDomain: DatabaseCompany.markerDomain,
                sizeLimit: 1 << 20)
        }
        #expect(try reader.outbox(of: acme.company.id).isEmpty)
    }

    @Test func `a message that the server did not take waits with the reason`() throws {
        let session = try session()
        let message = try begin(session)
        guard case .failed(let problem) = try session.submit(message) else { throw StoreError.noSealingKey }
        let waiting = try reader.outbox(of: acme.company.id)
        #expect(waiting.count == 1 && waiting[0].error == problem)
        try reader.discardFromOutbox(message.entry, company: acme.company.id)
        #expect(try reader.outbox(of: acme.company.id).isEmpty)
    }

    @Test func `a message that was sent moves to the timeline`() throws {
        let session = try session()
        let message = try begin(session)
        #expect(try session.finish(message.entry) == .sent(.captured, message.entry))
        #expect(try reader.outbox(of: acme.company.id).isEmpty)
        let entries = try reader.entries(company: acme.company.id, candidate: acme.candidate)
        #expect(entries.map(\.entry) == [message.entry] && entries[0].direction == .outbound)
        let raw = try reader.rawMessage(
            of: message.entry, company: acme.company.id, keys: acme.keys, ReaderSession.Purpose(.open, reason: "x"))
        #expect(raw == message.raw)
    }
}
