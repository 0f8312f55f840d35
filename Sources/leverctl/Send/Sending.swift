import Core
import MIME
import Sealing
import Store
import Submission
import MessageTracing
import Unsealing

/// Sends messages of the session's user to candidates of a company: composed, sealed into the outbox, submitted, and then
/// put on the timeline. A crash or an error at any point leaves the message in the outbox.
struct Sending {
    /// A message in the outbox, opened.
    struct Waiting {
        let entry: EntryID
        let raw: [UInt8]
        let recipient: String
    }

    enum Outcome {
        /// The entry is the one on the timeline: another if a mail host brought the message first.
        case stored(Core.Outcome, EntryID)
        /// It is in the outbox, with this reason.
        case failed(String)
    }

    let company: CompanyRecord
    let timeline: ReaderSession
    let keys: KeyRing
    let account: MailAccount
    /// For the audit.
    let reason: String

    init(company: CompanyRecord, timeline: ReaderSession, keys: KeyRing, reason: String) throws {
        guard let grants = try timeline.grants(company: company.id), grants.send else {
            throw CommandError("you have not agreed that mail is sent for you: leverctl user opt-in --company …")
        }
        self.company = company
        self.timeline = timeline
        self.keys = keys
        self.reason = reason
        account = try MailAccount.load(company: company.id, keys: keys, timeline)
    }

    // MARK: A new message

    /// Composes a message and puts it into the outbox.
    func begin(
        _ content: SendCommand.Content, to candidate: CandidateID, answering: EntryID?, markerDomain: String,
        sizeLimit: Int
    ) throws -> Waiting {
        let found = try timeline.candidate(candidate, company: company.id)
        guard found.anonymizedAt == nil else { throw StoreError.anonymous(candidate) }
        let profile = try timeline.profile(of: found, keys: keys, reason: reason)
        let answered = try answering.map(open)
        let nonce = UInt32.random(in: 0...UInt32.max)
        let beginning = try timeline.beginSending(
            to: candidate, answering: answering, nonce: nonce, markerDomain: markerDomain, company: company.id)
        let marker = Marker(
            keyID: beginning.markerKeyID, company: company.id, thread: beginning.thread, nonce: nonce,
            domain: markerDomain, authenticate: { _ in beginning.mac })

        let now = Timestamp.now()
        let entry = EntryID.make(at: now)
        let token = EntryToken(
            entry: entry, keyVersion: beginning.indexVersion,
            code: try timeline.indexCodes(
                of: [
                    EntryToken.signedBytes(
                        entry: entry, company: company.id, keyVersion: beginning.indexVersion)
                ], company: company.id)[0].codes[0])
        var message = OutgoingMessage(
            from: account.mailbox, to: OutgoingMessage.Mailbox(name: profile.name, address: profile.email),
            subject: content.subject, text: content.text, date: Int(now.milliseconds / 1000),
            messageID: marker.messageID)
        message.attachments = content.attachments
        message.references = [marker.messageID]
        if let answered {
            message.inReplyTo = answered.messageID
            // The parent's last (RFC 5322 section 3.6.4).
            message.references +=
                answered.references.filter { $0 != marker.messageID } + [answered.messageID].compactMap(\.self)
        }
        message.fields = [("X-Lever-Thread", marker.messageID), (EntryToken.fieldName, token.text)]
        let raw = message.raw
        guard raw.count <= sizeLimit else {
            throw CommandError(
                "the message has \(raw.count) bytes, and message_size_limit is \(sizeLimit); attach less")
        }
        try timeline.putIntoOutbox(
            seal(raw, as: entry, in: beginning.thread, of: candidate, at: now, to: profile.email))
        return Waiting(entry: entry, raw: raw, recipient: profile.email)
    }

    private struct Answered {
        /// With angle brackets.
        let messageID: String?
        let references: [String]
    }

    /// References kept of an answered message: the first, and the last ones.
    private static let referenceLimit = 20

    private func open(_ entry: EntryID) throws -> Answered {
        guard try timeline.find(entry: entry, company: company.id) != nil else { throw StoreError.unknownEntry(entry) }
        let opening = try timeline.open(
            entry: entry, company: company.id, ReaderSession.Purpose(.open, reason: reason))
        let found = try timeline.find(entry: entry, company: company.id)!
        let raw: [UInt8]
        do throws(OpeningError) {
            raw = try keys.open(opening.sealed, expecting: found.binding)
        } catch {
            try timeline.reportFailure(of: opening, reason: error.auditReason)
            throw error
        }
        let header = split(raw).header
        func ids(_ name: String) -> [String] {
            MessageIDList.ids(in: header.values(name)).filter { $0.allSatisfy { $0 > 0x20 && $0 < 0x7f } }
                .map { "<\(String(decoding: $0, as: UTF8.self))>" }
        }
        var references = ids("References")
        if references.count > Self.referenceLimit {
            references = references.prefix(1) + references.suffix(Self.referenceLimit - 1)
        }
        return Answered(messageID: ids("Message-ID").first, references: references)
    }

    private func seal(
        _ raw: [UInt8], as entry: EntryID, in thread: ThreadID, of candidate: CandidateID, at time: Timestamp,
        to recipient: String
    ) throws -> Outgoing {
        let recipients = try timeline.recipients(of: company.id)
        let (header, body) = split(raw)
        let messageID = MessageIDList.ids(in: header.values("Message-ID"))[0]
        let codes = try timeline.indexCodes(
            of: [
                IndexInput.mail(header: header, bodyDigest: SHA256.digest(of: body)),
                EntryToken.dedupeBytes(of: entry), IndexInput.address(account.address), IndexInput.address(recipient),
                IndexInput.messageID(messageID),
            ], company: company.id)
        let indexLength = Routing.IndexKey.indexLength
        func index(_ code: [UInt8]) -> [UInt8] { Array(code.prefix(indexLength)) }
        let isInside = EnvelopeAddress(path: recipient).isAt(Set(company.domains))
        return Outgoing(
            company: company.id, candidate: candidate, thread: thread, entry: entry,
            direction: isInside ? .internal : .outbound, writtenAt: time,
            sealed: try SealedMessage(
                sealing: raw,
                binding: Binding(message: entry, company: company.id, thread: thread, time: time),
                recipients: recipients),
            size: raw.count, keyIDs: recipients.map(\.keyID),
            dedupeKeys: codes.map { $0.codes[0] } + codes.map { $0.codes[1] }, indexVersion: codes[0].version,
            senderIndex: index(codes[0].codes[2]), recipientIndices: [index(codes[0].codes[3])],
            messageIDIndex: index(codes[0].codes[4]),
            correspondents: isInside
                ? [] : codes.map { BlindIndex(version: $0.version, bytes: index($0.codes[3])) })
    }

    // MARK: Submitting

    /// Takes a message out of the outbox once more. Nil where it was sent, and is on the timeline now.
    func takeAgain(_ entry: EntryID) throws -> Waiting? {
        guard let (sealed, binding, candidate) = try timeline.takeFromOutbox(entry, company: company.id) else {
            return nil
        }
        let raw = try keys.open(sealed, expecting: binding)
        let found = try timeline.candidate(candidate, company: company.id)
        let profile = try timeline.profile(of: found, keys: keys, reason: reason)
        return Waiting(entry: entry, raw: raw, recipient: profile.email)
    }

    func submit(_ message: Waiting) throws -> Outcome {
        do {
            let (credential, replacement) = try account.credential()
            // Before anything else: the old one may be good no more.
            try replacement?.save(company: company.id, keys: keys, timeline)
            try account.server.submit(
                message.raw, from: account.address, to: [message.recipient], as: account.user, credential)
        } catch let error as DatabaseError {
            throw error
        } catch {
            let problem = "\(error)"
            try timeline.failSending(message.entry, company: company.id, reason: String(problem.prefix(200)))
            return .failed(problem)
        }
        return try finish(message.entry)
    }

    /// A message that was sent.
    func finish(_ entry: EntryID) throws -> Outcome {
        let (outcome, stored) = try timeline.finishSending(entry, company: company.id)
        return .stored(outcome, stored)
    }
}

/// A raw message whose lines end in CRLF, in two.
private func split(_ raw: [UInt8]) -> (header: HeaderSection, body: ArraySlice<UInt8>) {
    let end = raw.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? raw.count
    return (MessageFile(raw, messageSizeLimit: raw.count).header.fields, raw[end...])
}
