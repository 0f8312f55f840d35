/// An envelope address (RFC 5321 section 4.1.2): the reverse-path or a forward-path.
public struct EnvelopeAddress: Hashable, Sendable {
    /// As the mail server gave it, without angle brackets and source route. Empty for the null sender.
    public let text: String

    /// Takes what MAIL FROM or RCPT TO carried, with or without angle brackets.
    public init(path: String) {
        var path = path[...]
        if path.first == "<", path.last == ">" { path = path.dropFirst().dropLast() }
        if path.first == "@", let colon = path.firstIndex(of: ":") { path = path[path.index(after: colon)...] }
        text = String(path)
    }

    /// What follows the last `@`, ASCII letters in lower case, a final dot removed; nil where there is none.
    public var domain: String? {
        guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        var bytes = text.utf8[text.utf8.index(after: at)...].map(\.asciiLowercased)
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// ASCII letters in lower case, a final dot removed.
    fileprivate var mailbox: String {
        String(decoding: text.utf8.map(\.asciiLowercased), as: UTF8.self).trimmingFinalDot
    }
}

/// Who sends a message to whom, as the SMTP transaction says, which is not always what the header says.
public struct Envelope: Sendable {
    public var sender: EnvelopeAddress
    public var recipients: [EnvelopeAddress] = []

    public init(sender: EnvelopeAddress, recipients: [EnvelopeAddress] = []) {
        self.sender = sender
        self.recipients = recipients
    }

    public var domains: Set<String> {
        Set(([sender] + recipients).compactMap(\.domain))
    }

    /// Whether an address is the sender or a recipient. The case of ASCII letters makes no difference, though a mail
    /// server may tell local parts apart by it (RFC 5321 section 2.4): few do.
    public func names(_ address: EnvelopeAddress) -> Bool {
        ([sender] + recipients).contains { $0.mailbox == address.mailbox }
    }
}

extension String {
    fileprivate var trimmingFinalDot: String { hasSuffix(".") ? String(dropLast()) : self }
}
