/// Which way a message goes, seen from the company whose thread it belongs to.
public enum Direction: String, CaseIterable, Sendable {
    /// From outside to the company.
    case inbound
    /// From the company, and at least one recipient is outside.
    case outbound
    /// From the company, and every recipient is the company's: sent and received inside.
    case `internal`

    public init(of envelope: Envelope, companyDomains: Set<String>) {
        func isCompany(_ address: EnvelopeAddress) -> Bool {
            address.domain.map(companyDomains.contains) ?? false
        }
        if !isCompany(envelope.sender) {
            self = .inbound
        } else {
            self = envelope.recipients.allSatisfy(isCompany) ? .internal : .outbound
        }
    }
}
