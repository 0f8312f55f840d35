public import Core

extension Routing.Company {
    /// Whether the sender or a recipient is on the never-log list, in the envelope or in an address field of the
    /// header. The header counts because a listed person may receive the message as a member of a list or an alias.
    public func neverLogs(header: HeaderSection, envelope: Envelope) throws(CryptoError) -> Bool {
        guard !neverDomains.isEmpty || !neverAddresses.isEmpty else { return false }
        let addresses = Set(
            ([envelope.sender] + envelope.recipients).filter { !$0.isNull } + header.mentionedAddresses)
        if addresses.contains(where: { $0.domain.map(neverDomains.contains) ?? false }) { return true }
        for key in indexKeys {
            guard let never = neverAddresses[key.version] else { continue }
            for address in addresses where never.contains(try key.addressIndex(address)) { return true }
        }
        return false
    }
}
