/// Which way a message goes, seen from the company whose thread it belongs to.
public enum Direction: String, CaseIterable, Sendable {
    /// From outside to the company.
    case inbound
    /// From the company, and at least one recipient is outside.
    case outbound
    /// From the company, and every recipient is the company's: sent and received inside.
    case `internal`

    /// `isSpoofed`: the sender is not who it says, so what seems to be the company's comes from outside.
    public init(of envelope: Envelope, companyDomains: Set<String>, isSpoofed: Bool = false) {
        if isSpoofed || !envelope.sender.isAt(companyDomains) {
            self = .inbound
        } else {
            self = envelope.recipients.allSatisfy { $0.isAt(companyDomains) } ? .internal : .outbound
        }
    }
}
