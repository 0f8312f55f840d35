public import Core

/// A message in the outbox, opened, to be submitted.
public struct OutboxMessage: Sendable {
    public let entry: EntryID
    /// RFC 5322, lines ending in CRLF.
    public let raw: [UInt8]
    /// The envelope recipient, as a command has it.
    public let recipient: String
    /// Whether the company's key confirms that the recipient is the candidate, or the sender chose the address.
    public let isConfirmed: Bool
}
