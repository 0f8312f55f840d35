public import Core

extension Routing.Company {
    /// Whether the sender or a recipient is on the never-log list, in the envelope or in an address field of the
    /// header. The header counts because a listed person may receive the message as a member of a list or an alias.
    ///
    /// Every address to which Postfix may deliver what was named counts: rather a message too few than one too many.
    ///
    /// `named`: the `namedAddresses` of the message, which are asked for where there is a list.
    public func neverLogs(_ named: () -> Set<Address>) throws(CryptoError) -> Bool {
        guard !neverDomains.isEmpty || !neverAddresses.isEmpty else { return false }
        let addresses = Set(named().flatMap(deliveryAddresses))
        if addresses.contains(where: { $0.domain.map(neverDomains.contains) ?? false }) { return true }
        for key in indexKeys {
            guard let never = neverAddresses[key.version] else { continue }
            for address in addresses where never.contains(try key.addressIndex(address)) { return true }
        }
        return false
    }

    /// The address, and those that a mail server may take it for:
    /// - without its extension;
    /// - the one in its local part: `council%acme.example@mx.example`, `acme.example!council@mx.example`;
    /// - the local part at each of the company's domains, if the address is the mail server's own: without a domain, at
    ///   an IP address, or at localhost.
    private func deliveryAddresses(_ address: Address) -> [Address] {
        var addresses = [address]
        // A few levels: each route costs the sender a hop that lets it through.
        for _ in 0..<4 {
            guard let inner = addresses.last?.routed else { break }
            addresses.append(inner)
        }
        for address in addresses where isLocal(address.domain) {
            addresses += domains.map(address.moved)
        }
        return addresses + addresses.map(base).filter { !addresses.contains($0) }
    }

    private func isLocal(_ domain: String?) -> Bool {
        guard let domain else { return true }
        return domain.utf8.first == UInt8(ascii: "[") || domain == "localhost"
            || domain.hasPrefix("localhost.") && domains.contains(String(domain.dropFirst("localhost.".count)))
    }

    /// Everybody whom a message names, the same for every company.
    public static func namedAddresses(header: HeaderSection, envelope: Envelope) -> Set<Address> {
        Set(([envelope.sender] + envelope.recipients).filter { !$0.isNull } + header.mentionedAddresses)
    }
}
