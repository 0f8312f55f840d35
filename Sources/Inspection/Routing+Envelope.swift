public import Core

extension Routing {
    /// Whether the header of a message is to be looked at: a company on limited sync is among sender and recipients.
    /// Most mail ends here.
    public func inspects(_ envelope: Envelope) -> Bool {
        envelope.hasDomain { company(domain: $0)?.sync == .limited }
    }
}
