// Sending: a user's own mail account, and messages sent through it: composed, kept in the outbox, submitted, put on the
// timeline. Begin with `MailAccount.save`, then `SendSession`. It may use Reading, MIME and Submission; it neither prints
// nor parses arguments.

public import Core
import MIME
public import Reading
import Sealing
public import Store
import Submission

/// Sends messages of one user to candidates of a company: composed, sealed into the outbox, submitted, and moved to the
/// timeline once the server has taken them. A crash or an error at any point leaves the message in the outbox. For one
/// thread; `submit` blocks for minutes at most.
///
/// Each function throws `SendError`, `StoreError` (a refusal is `refused`), `OpeningError` and `DatabaseError`.
public struct SendSession {
    private let company: CompanyRecord
    private let session: ReaderSession
    private let keys: KeyRing
    private let account: MailAccount
    private let reason: String

    /// For the session's user, who must have opted in and saved an account. `reason` goes into the audit with each
    /// opening.
    public init(company: CompanyRecord, session: ReaderSession, keys: KeyRing, reason: String) throws {
        guard let grants = try session.grants(company: company.id), grants.send else { throw SendError.notOptedIn }
        self.company = company
        self.session = session
        self.keys = keys
        self.reason = reason
        account = try MailAccount.load(company: company.id, keys: keys, session)
    }

    // MARK: A new message

    /// Composes a message and puts it into the outbox. It answers a message of the candidate's, or starts a thread,
    /// whose id has the marker domain. `sizeLimit` is in bytes of the raw message.
    public func begin(
        _ draft: Draft, to candidate: CandidateID, answering: EntryID?, markerDomain: String, sizeLimit: Int
    ) throws -> OutboxMessage {
        let found = try session.candidate(candidate, company: company.id)
        guard found.anonymizedAt == nil else { throw StoreError.anonymous(candidate) }
        let profile = try session.profile(of: found, keys: keys, reason: reason)
        let answered = try answering.map(answeredMessage)
        let message = try compose(
            draft, to: candidate, profile, answering: answering, answered, markerDomain: markerDomain)
        guard message.raw.count <= sizeLimit else {
            throw SendError.tooLarge(size: message.raw.count, limit: sizeLimit)
        }
        let codes = try session.indexCodes(of: message.indexInputs().list, company: company.id)
        let (record, sealed) = try message.sealed(
            for: company, recipients: session.recipients(of: company.id),
            codes: codes.map { IndexCodes(version: $0.version, codes: $0.codes) })
        try session.putIntoOutbox(record, sealed, to: candidate)
        return OutboxMessage(entry: message.entry, raw: message.raw, recipient: profile.email)
    }

    private func answeredMessage(_ entry: EntryID) throws -> AnsweredMessage {
        guard try session.find(entry: entry, company: company.id) != nil else { throw StoreError.unknownEntry(entry) }
        let raw = try session.rawMessage(
            of: entry, company: company.id, keys: keys, ReaderSession.Purpose(.open, reason: reason))
        return AnsweredMessage(RawMessage(raw).header)
    }

    private func compose(
        _ draft: Draft, to candidate: CandidateID, _ profile: CandidateProfile, answering entry: EntryID?,
        _ answered: AnsweredMessage?, markerDomain: String
    ) throws -> ComposedMessage {
        let nonce = UInt32.random(in: 0...UInt32.max)
        let beginning = try session.beginSending(
            to: candidate, answering: entry, nonce: nonce, markerDomain: markerDomain, company: company.id)
        let marker = Marker(
            keyID: beginning.markerKeyID, company: company.id, thread: beginning.thread, nonce: nonce,
            domain: markerDomain, authenticate: { _ in beginning.mac })
        let now = Timestamp.now()
        let entry = EntryID.make(at: now)

        var message = OutgoingMessage(
            from: account.mailbox, to: OutgoingMessage.Mailbox(name: profile.name, address: profile.email),
            subject: draft.subject, text: draft.text, date: Int(now.milliseconds / 1000),
            messageID: marker.messageID)
        message.attachments = draft.attachments
        message.inReplyTo = answered?.messageID
        message.references = answered?.references(startingWith: marker.messageID) ?? [marker.messageID]
        message.fields = [
            ("X-Lever-Thread", marker.messageID),
            (EntryToken.fieldName, try token(for: entry, indexVersion: beginning.indexVersion).text),
        ]
        return ComposedMessage(
            entry: entry, candidate: candidate, thread: beginning.thread, writtenAt: now, sender: account.address,
            recipient: profile.email, raw: message.raw)
    }

    private func token(for entry: EntryID, indexVersion: UInt8) throws -> EntryToken {
        let statement = EntryToken.signedBytes(entry: entry, company: company.id, keyVersion: indexVersion)
        let codes = try session.indexCodes(of: [statement], company: company.id)
        return EntryToken(entry: entry, keyVersion: indexVersion, code: codes[0].codes[0])
    }

    // MARK: Submitting

    /// Takes a message out of the outbox to be submitted again. Nil if a mail host has seen it: it was sent, and
    /// `finish` moves it to the timeline.
    public func takeAgain(_ entry: EntryID) throws -> OutboxMessage? {
        guard let (sealed, binding, candidate) = try session.takeFromOutbox(entry, company: company.id) else {
            return nil
        }
        let raw = try keys.open(sealed, expecting: binding)
        let found = try session.candidate(candidate, company: company.id)
        let profile = try session.profile(of: found, keys: keys, reason: reason)
        return OutboxMessage(entry: entry, raw: raw, recipient: profile.email)
    }

    /// Submits a message through the user's account. Failures of the account or the server are results, not errors.
    public func submit(_ message: OutboxMessage) throws -> SendResult {
        do {
            let (credential, replacement) = try account.credential()
            // First of all: the old refresh token may be void already.
            try replacement?.save(company: company.id, keys: keys, session)
            try account.server.submit(
                message.raw, from: account.address, to: [message.recipient], as: account.user, credential)
        } catch let error as DatabaseError {
            throw error
        } catch {
            let problem = "\(error)"
            try session.failSending(message.entry, company: company.id, reason: String(problem.prefix(200)))
            return .failed(problem)
        }
        return try finish(message.entry)
    }

    /// Moves a message that was sent from the outbox to the timeline.
    public func finish(_ entry: EntryID) throws -> SendResult {
        let (outcome, stored) = try session.finishSending(entry, company: company.id)
        return .sent(outcome, stored)
    }
}
