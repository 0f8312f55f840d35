/// The direction of a message, seen from the company whose thread it belongs to.
public enum Direction: String, CaseIterable, Sendable {
    /// From outside to the company.
    case inbound
    /// From the company to at least one recipient outside.
    case outbound
    /// From the company to recipients of the company only.
    case `internal`

    /// `isSpoofed` means that the sender's claim to the company's domain failed, so the message is from outside.
    public init(of envelope: Envelope, companyDomains: Set<String>, isSpoofed: Bool = false) {
        if isSpoofed || !envelope.sender.isAt(companyDomains) {
            self = .inbound
        } else {
            self = envelope.recipients.allSatisfy { $0.isAt(companyDomains) } ? .internal : .outbound
        }
    }
}
