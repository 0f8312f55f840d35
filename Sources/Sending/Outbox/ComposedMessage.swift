import Core
import Sealing

/// A message composed for the outbox: not sealed yet. What it is bound to was fixed by the database.
struct ComposedMessage {
    let entry: EntryID
    let thread: ThreadID
    let acceptedAt: Timestamp
    /// RFC 5322, lines ending in CRLF.
    let raw: [UInt8]

    func sealed(for company: CompanyID, recipients: [SealingKey]) throws(CryptoError) -> SealedMessage {
        let binding = Binding(message: entry, company: company, thread: thread, time: acceptedAt)
        return try SealedMessage(sealing: raw, binding: binding, recipients: recipients)
    }
}
