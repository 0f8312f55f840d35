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
        let recipients = try session.recipients(of: company.id)
        try session.putIntoOutbox(
            message.entry, message.sealed(for: company.id, recipients: recipients), size: message.raw.count,
            keyIDs: recipients.map(\.keyID), company: company.id)
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
        let beginning = try session.beginSending(
            to: candidate, answering: entry, markerDomain: markerDomain, company: company.id)
        var message = OutgoingMessage(
            from: account.mailbox, to: OutgoingMessage.Mailbox(name: profile.name, address: profile.email),
            subject: draft.subject, text: draft.text, date: Int(beginning.acceptedAt.milliseconds / 1000),
            messageID: beginning.messageID)
        message.attachments = draft.attachments
        message.inReplyTo = answered?.messageID
        message.references = answered?.references(startingWith: beginning.messageID) ?? [beginning.messageID]
        message.fields = [
            ("X-Lever-Thread", beginning.messageID), (EntryToken.fieldName, beginning.entryToken),
        ]
        return ComposedMessage(
            entry: beginning.entry, thread: beginning.thread, acceptedAt: beginning.acceptedAt, raw: message.raw)
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
        do {
            return try finish(message.entry)
        } catch StoreError.refused(let refusal) {
            throw SendError.notRecorded(message.entry, refusal)
        }
    }

    /// Moves a message that was sent from the outbox to the timeline.
    public func finish(_ entry: EntryID) throws -> SendResult {
        let (outcome, stored) = try session.finishSending(entry, company: company.id)
        return .sent(outcome, stored)
    }
}
