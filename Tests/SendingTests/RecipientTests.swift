import Core
import DatabaseSupport
import Reading
import Sealing
import Store
import Testing
import Unsealing

@testable import Sending

/// Mail goes to whom somebody typed in, whoever writes to the database. The attacker here is its superuser, who can seal
/// to the company's public key.
@Suite struct RecipientTests {
    private let acme: DatabaseCompany
    private let reader: ReaderSession
    private let login: String

    init() throws {
        acme = try DatabaseCompany()
        (reader, login) = try acme.newReader()
        try reader.optIn(true, company: acme.company.id)
        let account = MailAccount(
            name: "Rita", address: "rita@acme.example", host: "127.0.0.1", port: 1, security: .tls, user: "rita",
            authorities: nil, secret: .password("p"))
        try account.save(company: acme.company.id, keys: acme.keys, reader)
    }

    private func session(requiresConfirmation: Bool = false, keys: KeyRing? = nil) throws -> SendSession {
        try SendSession(
            company: acme.company, session: reader, keys: keys ?? acme.keys, reason: "test",
            requiresConfirmation: requiresConfirmation)
    }

    private func begin(_ session: SendSession? = nil, expecting: String? = nil) throws -> OutboxMessage {
        try (session ?? self.session()).begin(
            Draft(subject: "Your offer", text: "Dear Zoë,"), to: acme.candidate, answering: nil,
            markerDomain: DatabaseCompany.markerDomain, sizeLimit: 1 << 20, expecting: expecting.flatMap(Address.init))
    }

    private func confirm(_ candidate: CandidateID? = nil) throws {
        let found = try reader.candidate(candidate ?? acme.candidate, company: acme.company.id)
        let (_, tail) = try reader.profileAndTail(of: found, keys: acme.keys, reason: "test")
        try reader.confirmProfile(
            of: found.id, company: acme.company.id,
            signature: ProfileConfirmation.signature(ofTail: tail, found.binding, keys: acme.keys))
    }

    /// Replaces name and address, with whatever else the statement sets.
    private func exchange(_ email: String, name: String = "Zoë", also: String = "") throws {
        let binding = try reader.candidate(acme.candidate, company: acme.company.id).binding
        let sealed = try SealedMessage(
            sealing: CandidateProfile(name: name, email: email).bytes, binding: binding,
            recipients: [acme.key.sealingKey])
        _ = try acme.query(
            """
            UPDATE lever.candidate SET head = '\\x\(sealed.head.hex)', tail = '\\x\(sealed.tail.hex)' \(also)
            WHERE candidate_id = \(acme.candidate)
            """)
    }

    private var refused: SendError { .foreignProfile(acme.candidate) }

    @Test func `a profile is used as it was added, and better when the company's key confirms it`() throws {
        #expect(try begin().isConfirmed == false)
        #expect(throws: SendError.unconfirmedProfile(acme.candidate)) {
            try begin(session(requiresConfirmation: true))
        }
        try confirm()
        #expect(try begin().isConfirmed)
        #expect(try begin(session(requiresConfirmation: true)).recipient == "zoe@home.example")
        #expect(
            try acme.query(
                "SELECT reason FROM lever.audit WHERE action = 'candidate' ORDER BY seq DESC LIMIT 1") == "confirmed")
    }

    @Test(arguments: [
        "", ", email_index = decode(repeat('00', 16), 'hex')", ", signature = NULL",
        ", signature = decode(repeat('00', 70), 'hex')",
    ])
    func `an exchanged profile is refused, confirmed or not`(also: String) throws {
        for isConfirmed in [false, true] {
            if isConfirmed { try confirm() }
            let original = try acme.query(
                "SELECT head, tail, email_index, coalesce(quote_literal(signature), 'NULL') FROM lever.candidate "
                    + "WHERE candidate_id = \(acme.candidate)"
            ).split(separator: "|")
            try exchange("eve@evil.example", also: also)
            #expect(throws: refused) { try begin() }
            _ = try acme.query(
                """
                UPDATE lever.candidate SET head = '\(original[0])', tail = '\(original[1])', email_index = '\(original[2])',
                    signature = \(original[3]) WHERE candidate_id = \(acme.candidate)
                """)
            #expect(try begin().recipient == "zoe@home.example")
        }
        #expect(try reader.outbox(of: acme.company.id).allSatisfy { $0.attempts == 1 })
    }

    @Test func `the signature of another candidate's profile is none of this one's`() throws {
        try confirm()
        let other = try acme.addCandidate("eve@evil.example")
        try confirm(other)
        _ = try acme.query(
            """
            UPDATE lever.candidate AS c SET head = o.head, tail = o.tail, signature = o.signature
            FROM lever.candidate AS o WHERE c.candidate_id = \(acme.candidate) AND o.candidate_id = \(other)
            """)
        #expect(throws: OpeningError.boundElsewhere) { try begin() }
        _ = try acme.query(
            """
            UPDATE lever.candidate AS c SET entry_id = o.entry_id, bound_at = o.bound_at FROM lever.candidate AS o
            WHERE c.candidate_id = \(acme.candidate) AND o.candidate_id = \(other)
            """)
        #expect(throws: OpeningError.boundElsewhere) { try begin() }
    }

    @Test func `a key that did not sign the profile does not confirm it`() throws {
        try confirm()
        let stranger = try PrivateKey.generate()
        // Opens with the one key, and knows no signature of the other.
        let found = try reader.candidate(acme.candidate, company: acme.company.id)
        let (_, tail) = try reader.profileAndTail(of: found, keys: acme.keys, reason: "test")
        try reader.confirmProfile(
            of: acme.candidate, company: acme.company.id,
            signature: ProfileConfirmation.signature(ofTail: tail, found.binding, keys: KeyRing([stranger])))
        #expect(throws: refused) { try begin() }
    }

    @Test func `an address that the sender names is used if it is the candidate's, and no other`() throws {
        #expect(try begin(expecting: "Zoe@Home.Example").recipient == "zoe@home.example")
        #expect(throws: SendError.otherAddress) { try begin(expecting: "zoe@other.example") }
        try exchange("eve@evil.example")
        #expect(throws: SendError.otherAddress) { try begin(expecting: "zoe@home.example") }
    }

    @Test(arguments: [
        "joerg@home.example>\r\nDATA\r\nFrom: Tom <tom@acme.example>\r\n\r\nforged\r\n.\r\nNOOP <",
        "zoe@home.example\u{0}", "zoe@home.example\n", "<zoe@home.example", "zoe@home.example,eve@evil.example",
    ])
    func `SMTP commands in a sealed address are refused before anything is begun`(address: String) throws {
        try exchange(address)
        #expect(throws: OpeningError.unusable) { try begin() }
        #expect(throws: OpeningError.unusable) { try begin(expecting: "zoe@home.example") }
        #expect(try acme.query("SELECT count(*) FROM lever.send_grant") == "0")
        #expect(try acme.query("SELECT count(*) FROM lever.outbox") == "0")
    }

    @Test func `a message that somebody else put into the outbox is not sent`() throws {
        let message = try begin()
        let row = try acme.query(
            "SELECT company_id, thread_id, (extract(epoch FROM accepted_at) * 1000)::bigint FROM lever.outbox")
        let numbers = row.split(separator: "|").map { Int64($0)! }
        let forged = Array(
            """
            From: Rita <rita@acme.example>\r\nTo: zoe@home.example\r\nSubject: invoice 17\r\n\r\nplease pay\r\n
            """.utf8)
        let binding = Binding(
            message: message.entry, company: CompanyID(rawValue: numbers[0]), thread: ThreadID(rawValue: numbers[1]),
            time: Timestamp(milliseconds: numbers[2]))
        let sealed = try SealedMessage(sealing: forged, binding: binding, recipients: [acme.key.sealingKey])
        _ = try acme.query(
            """
            UPDATE lever.outbox SET head = '\\x\(sealed.head.hex)', size = \(forged.count), tail_size = \(sealed.tail.count);
            UPDATE lever.outbox_part SET bytes = '\\x\(sealed.tail.hex)'
            """)
        let session = try session()
        #expect(throws: SendError.foreignMessage(message.entry)) { try session.takeAgain(message.entry) }
    }

    @Test func `a message of one user is not sent by another`() throws {
        let message = try begin()
        let (other, login) = try acme.newReader()
        try other.optIn(true, company: acme.company.id)
        let account = MailAccount(
            name: "Tom", address: "tom@acme.example", host: "127.0.0.1", port: 1, security: .tls, user: "tom",
            authorities: nil, secret: .password("p"))
        try account.save(company: acme.company.id, keys: acme.keys, other)
        _ = try acme.query("UPDATE lever.outbox SET login = '\(login)'")
        let session = try SendSession(company: acme.company, session: other, keys: acme.keys, reason: "test")
        #expect(throws: SendError.foreignMessage(message.entry)) { try session.takeAgain(message.entry) }
    }

    @Test func `a message is sent again to the address that it was written to, or to none`() throws {
        let session = try session(requiresConfirmation: true)
        let message = try begin(session, expecting: "zoe@home.example")
        #expect(try session.takeAgain(message.entry)?.recipient == "zoe@home.example")
        try exchange("eve@evil.example")
        #expect(throws: SendError.otherAddress) { try session.takeAgain(message.entry) }
    }
}
