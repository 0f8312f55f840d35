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

    /// The record and the sealed message, for the outbox. `codes` are those of each live index key, the one in use first.
    func sealed(
        for company: CompanyRecord, recipients: [SealingKey], codes: [IndexCodes]
    ) throws -> (MessageRecord, SealedMessage) {
        let isInside = Address(path: recipient).isAt(Set(company.domains))
        let current = codes[0]
        var record = MessageRecord(
            company: company.id, thread: thread, entry: entry, acceptedAt: writtenAt, host: "leverctl", queueID: "send")
        record.direction = isInside ? .internal : .outbound
        record.size = raw.count
        record.indexVersion = current.version
        record.messageIDIndex = current.messageID
        record.senderIndex = current.sender
        record.recipientIndices = [current.recipient]
        record.correspondents = isInside ? [] : codes.map { BlindIndex(version: $0.version, bytes: $0.recipient) }
        record.dedupeKeys = codes.map(\.dedupeKey) + codes.map(\.tokenDedupeKey)
        record.sealingKeyIDs = recipients.map(\.keyID)
        return (record, try SealedMessage(sealing: raw, binding: record.binding, recipients: recipients))
    }

    func indexInputs() throws -> IndexCodes.Inputs {
        let message = RawMessage(raw)
        return IndexCodes.Inputs(
            header: message.header, bodyDigest: try SHA256.digest(of: message.body), entry: entry, sender: sender,
            recipient: recipient, messageID: MessageIDList.ids(in: message.header.values("Message-ID"))[0])
    }
}
