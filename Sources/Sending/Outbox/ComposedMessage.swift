import Core
import MIME
import Sealing
import Store

/// A message composed for the outbox: not sealed yet.
struct ComposedMessage {
    let entry: EntryID
    let candidate: CandidateID
    let thread: ThreadID
    let writtenAt: Timestamp
    let sender: String
    let recipient: String
    /// RFC 5322, lines ending in CRLF.
    let raw: [UInt8]

    /// The sealed message with everything that the outbox stores of it. `codes` are those of each live index key, the
    /// one in use first.
    func sealed(for company: CompanyRecord, recipients: [SealingKey], codes: [IndexCodes]) throws -> Outgoing {
        let isInside = Address(path: recipient).isAt(Set(company.domains))
        let current = codes[0]
        return Outgoing(
            company: company.id, candidate: candidate, thread: thread, entry: entry,
            direction: isInside ? .internal : .outbound, writtenAt: writtenAt,
            sealed: try SealedMessage(
                sealing: raw,
                binding: Binding(message: entry, company: company.id, thread: thread, time: writtenAt),
                recipients: recipients),
            size: raw.count, keyIDs: recipients.map(\.keyID),
            dedupeKeys: codes.map(\.dedupeKey) + codes.map(\.tokenDedupeKey), indexVersion: current.version,
            senderIndex: current.sender, recipientIndices: [current.recipient], messageIDIndex: current.messageID,
            correspondents: isInside
                ? [] : codes.map { BlindIndex(version: $0.version, bytes: $0.recipient) })
    }

    func indexInputs() throws -> IndexCodes.Inputs {
        let message = RawMessage(raw)
        return IndexCodes.Inputs(
            header: message.header, bodyDigest: try SHA256.digest(of: message.body), entry: entry, sender: sender,
            recipient: recipient, messageID: MessageIDList.ids(in: message.header.values("Message-ID"))[0])
    }
}
