/// An envelope address (RFC 5321 section 4.1.2): the reverse-path or a forward-path.
public struct EnvelopeAddress: Hashable, Sendable {
    /// As the mail server gave it, without angle brackets and source route. Empty for the null sender.
    public let text: String

    /// Takes what MAIL FROM or RCPT TO carried, with or without angle brackets.
    public init(path: UnsafeRawBufferPointer) {
        var path = path[...]
        if path.first == UInt8(ascii: "<"), path.last == UInt8(ascii: ">") { path = path.dropFirst().dropLast() }
        if path.first == UInt8(ascii: "@"), let colon = path.firstIndex(of: UInt8(ascii: ":")) {
            path = path[(colon + 1)...]
        }
        text = String(decoding: UnsafeRawBufferPointer(rebasing: path), as: UTF8.self)
    }

    public init(path: String) {
        var path = path
        self = path.withUTF8 { EnvelopeAddress(path: UnsafeRawBufferPointer($0)) }
    }

    /// What follows the last `@`, ASCII letters in lower case, a final dot removed; nil where there is none.
    public var domain: String? {
        var text = text
        return text.withUTF8 { text in
            guard let at = text.lastIndex(of: UInt8(ascii: "@")) else { return nil }
            var domain = text[(at + 1)...]
            if domain.last == UInt8(ascii: ".") { domain.removeLast() }
            guard !domain.isEmpty else { return nil }
            return String(unsafeUninitializedCapacity: domain.count) { buffer in
                for (index, byte) in domain.enumerated() { buffer[index] = byte.asciiLowercased }
                return domain.count
            }
        }
    }

    /// Whether its domain is one of those, which are given in lower case.
    public func isAt(_ domains: Set<String>) -> Bool { domain.map(domains.contains) ?? false }

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

    /// Whether the domain of the sender or of a recipient is one of those.
    public func hasDomain(where isWanted: (_ domain: String) throws -> Bool) rethrows -> Bool {
        if let domain = sender.domain, try isWanted(domain) { return true }
        return try recipients.contains { try $0.domain.map(isWanted) ?? false }
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
