// Sending: a user's own mail account, and messages sent through it: composed, kept in the outbox, submitted, put on the
// timeline. Begin with `MailAccount.save`, then `SendSession`. It may use Reading, MIME and Submission; it neither
// prints nor parses arguments.

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
    private let login: String
    private let requiresConfirmation: Bool

    /// For the session's user, who must have opted in and saved an account. `reason` goes into the audit with each
    /// opening. With `requiresConfirmation`, nothing is sent to an address that neither the company's key nor the
    /// sender confirms, also if the audit says that it was added so.
    public init(
        company: CompanyRecord, session: ReaderSession, keys: KeyRing, reason: String,
        requiresConfirmation: Bool = false
    ) throws {
        guard let grants = try session.grants(company: company.id), grants.send else { throw SendError.notOptedIn }
        self.company = company
        self.session = session
        self.keys = keys
        self.reason = reason
        self.requiresConfirmation = requiresConfirmation
        login = try session.login()
        account = try MailAccount.load(company: company.id, keys: keys, session)
    }

    // MARK: A new message

    /// Composes a message and puts it into the outbox. It answers a message of the candidate's, or starts a thread,
    /// whose id has the marker domain. `sizeLimit` is in bytes of the raw message. `expected` is the candidate's
    /// address as the sender knows it, which proves what the company's key does not. `destination` says what is done if
    /// the message answered asks for answers at another address.
    public func begin(
        _ draft: Draft, to candidate: CandidateID, answering: EntryID?, markerDomain: String, sizeLimit: Int,
        expecting expected: Address? = nil, destination: AnswerDestination = .candidate
    ) throws -> OutboxMessage {
        let found = try session.candidate(candidate, company: company.id)
        guard found.anonymizedAt == nil else { throw StoreError.anonymous(candidate) }
        var (recipient, isConfirmed) = try recipient(found, expecting: expected)
        let answered = try answering.map { try answeredMessage($0, candidate: recipient.address) }
        let replyAddress = try replyAddress(answered?.request, destination)
        if let replyAddress { (recipient.address, isConfirmed) = (replyAddress, true) }
        let message = try compose(
            draft, to: candidate, recipient, replyAddress: replyAddress, answering: answering, answered?.message,
            markerDomain: markerDomain)
        guard message.raw.count <= sizeLimit else {
            throw SendError.tooLarge(size: message.raw.count, limit: sizeLimit)
        }
        let recipients = try session.recipients(of: company.id)
        let (sealed, signature) = try message.sealed(
            for: company.id, recipients: recipients, login: login, keys: keys)
        try session.putIntoOutbox(
            message.entry, sealed, size: message.raw.count, keyIDs: recipients.map(\.keyID), signature: signature,
            company: company.id)
        return OutboxMessage(
            entry: message.entry, raw: message.raw, recipient: recipient.address, isConfirmed: isConfirmed)
    }

    /// The candidate's name and address, if it is proved that they are the candidate's: by the company's signature, by
    /// the sender, or, unless that is not enough here, by the audit. Throws `SendError`.
    private func recipient(
        _ candidate: Candidate, expecting expected: Address?
    ) throws -> (OutgoingMessage.Mailbox, isConfirmed: Bool) {
        let (profile, confirmation) = try session.confirmedProfile(of: candidate, keys: keys, reason: reason)
        if let expected {
            guard Address(profile.email) == expected else { throw SendError.otherAddress }
        } else if confirmation == .refuted {
            throw SendError.foreignProfile(candidate.id)
        } else if confirmation == .asAdded, requiresConfirmation {
            throw SendError.unconfirmedProfile(candidate.id)
        }
        guard let address = Address.command(profile.email) else { throw SendError.unusableAddress }
        return (
            OutgoingMessage.Mailbox(name: profile.name, address: address), expected != nil || confirmation == .confirmed
        )
    }

    private func answeredMessage(
        _ entry: EntryID, candidate: String
    ) throws -> (message: AnsweredMessage, request: ReplyRequest?) {
        guard let found = try session.find(entry: entry, company: company.id) else {
            throw StoreError.unknownEntry(entry)
        }
        let raw = try session.rawMessage(
            of: entry, company: company.id, keys: keys, ReaderSession.Purpose(.open, reason: reason))
        let header = RawMessage(raw).header
        let request = ReplyRequest(
            header, direction: found.direction, authentication: found.authentication,
            candidate: Address(path: candidate), domains: Set(company.domains))
        return (AnsweredMessage(header), request)
    }

    /// The address that an answer goes to instead of the candidate's; nil for the candidate's. Throws `SendError`, and
    /// what the question throws.
    private func replyAddress(_ request: ReplyRequest?, _ destination: AnswerDestination) throws -> String? {
        switch destination {
        case .candidate: return nil
        case .replyTo(let address):
            guard let request, Address(request.address) == address else { throw SendError.notReplyTo }
        case .asked(let ask):
            guard let request, try ask(request) else { return nil }
        }
        if let refusal = request?.refusal { throw SendError.refusedReplyTo(refusal) }
        return request?.address
    }

    private func compose(
        _ draft: Draft, to candidate: CandidateID, _ recipient: OutgoingMessage.Mailbox, replyAddress: String?,
        answering entry: EntryID?, _ answered: AnsweredMessage?, markerDomain: String
    ) throws -> ComposedMessage {
        let beginning = try session.beginSending(
            to: candidate, answering: entry, markerDomain: markerDomain, company: company.id)
        guard beginning.isWellFormed(for: company.id, markerDomain: markerDomain) else {
            throw SendError.malformedMarker
        }
        var message = OutgoingMessage(
            from: account.mailbox, to: recipient,
            subject: draft.subject, text: draft.text, date: Int(beginning.acceptedAt.milliseconds / 1000),
            messageID: beginning.messageID)
        message.attachments = draft.attachments
        message.inReplyTo = answered?.messageID
        message.references = answered?.references(startingWith: beginning.messageID) ?? [beginning.messageID]
        message.fields = [
            ("X-Lever-Thread", beginning.messageID), (EntryToken.fieldName, beginning.entryToken),
        ]
        return ComposedMessage(
            entry: beginning.entry, thread: beginning.thread, acceptedAt: beginning.acceptedAt, raw: message.raw,
            replyAddress: replyAddress)
    }

    // MARK: Submitting

    /// Takes a message out of the outbox to be submitted again. Nil if a mail host has seen it: it was sent, and
    /// `finish` moves it to the timeline.
    public func takeAgain(_ entry: EntryID) throws -> OutboxMessage? {
        guard let taken = try session.takeFromOutbox(entry, company: company.id) else { return nil }
        let raw = try keys.open(taken.sealed, expecting: taken.binding)
        let addressed = RawMessage(raw).header.addresses(in: ["To"])
        guard addressed.count == 1 else { throw SendError.foreignMessage(entry) }
        func isSigned(_ replyAddress: String?) throws -> Bool {
            try keys.confirms(
                taken.signature,
                of: OutgoingSignature.statement(
                    taken.sealed.tail, taken.binding, login: login, replyAddress: replyAddress))
        }
        // It was addressed when the recipient was proved, or the user had agreed to another one, and the signature
        // covers that.
        if try isSigned(nil) {
            let found = try session.candidate(taken.candidate, company: company.id)
            let (recipient, isConfirmed) = try recipient(found, expecting: addressed[0])
            return OutboxMessage(entry: entry, raw: raw, recipient: recipient.address, isConfirmed: isConfirmed)
        }
        guard try isSigned(addressed[0].mailbox) else { throw SendError.foreignMessage(entry) }
        return OutboxMessage(entry: entry, raw: raw, recipient: addressed[0].mailbox, isConfirmed: true)
    }

    /// Submits a message through the user's account. Failures of the account or the server are results, not errors.
    public func submit(_ message: OutboxMessage) throws -> SendResult {
        do {
            let (credential, replacement) = try account.credential()
            // First of all: the old refresh token may be void already.
            try replacement?.save(company: company.id, keys: keys, session)
            try account.server.submit(
                message.raw, from: account.mailbox.address, to: [message.recipient],
                as: account.user, credential)
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
