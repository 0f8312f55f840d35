/// Who sends a message to whom, as the SMTP transaction says, which is not always what the header says.
public struct Envelope: Sendable {
    public var sender: Address
    public var recipients: [Address] = []

    public init(sender: Address, recipients: [Address] = []) {
        self.sender = sender
        self.recipients = recipients
    }

    public var domains: Set<String> {
        Set(([sender] + recipients).compactMap(\.domain))
    }

    /// Whether the domain of the sender or of a recipient is one of those.
    public func hasDomain(where isWanted: (_ domain: String) throws -> Bool) rethrows -> Bool {
        if let domain = sender.domain, try isWanted(domain) { return true }
        return try recipients.contains { try $0.domain.map(isWanted) ?? false }
    }

    /// Whether an address is the sender or a recipient.
    public func names(_ address: Address) -> Bool { sender == address || recipients.contains(address) }
}
