import Core
import Reading
import Sealing

/// A message composed for the outbox: not sealed yet. What it is bound to was fixed by the database.
struct ComposedMessage {
    let entry: EntryID
    let thread: ThreadID
    let acceptedAt: Timestamp
    /// RFC 5322, lines ending in CRLF.
    let raw: [UInt8]
    /// Where it goes, if not to the candidate's address.
    let replyAddress: String?

    /// Sealed, and signed as the user's.
    func sealed(
        for company: CompanyID, recipients: [SealingKey], login: String, keys: KeyRing
    ) throws(CryptoError) -> (message: SealedMessage, signature: [UInt8]) {
        let binding = Binding(message: entry, company: company, thread: thread, time: acceptedAt)
        let message = try SealedMessage(sealing: raw, binding: binding, recipients: recipients)
        let statement = try OutgoingSignature.statement(
            message.tail, binding, login: login, replyAddress: replyAddress)
        return (message, try keys.sign(statement))
    }
}
