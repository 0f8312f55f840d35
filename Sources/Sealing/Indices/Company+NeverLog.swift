public import Core

extension Routing.Company {
    /// Whether the sender or a recipient is on the never-log list, by the envelope or by an address field of the header:
    /// whoever is named to be left alone is so as a list's or an alias's member too.
    public func neverLogs(header: HeaderSection, envelope: Envelope) throws(CryptoError) -> Bool {
        guard !neverDomains.isEmpty || !neverAddresses.isEmpty else { return false }
        let addresses = Set(
            ([envelope.sender] + envelope.recipients).filter { !$0.text.isEmpty } + header.addresses)
        if addresses.contains(where: { $0.domain.map(neverDomains.contains) ?? false }) { return true }
        for key in indexKeys {
            guard let never = neverAddresses[key.version] else { continue }
            for address in addresses where never.contains(try key.addressIndex(address.text)) { return true }
        }
        return false
    }
}
