/// The direction of a message, seen from the company whose thread it belongs to.
public enum Direction: String, CaseIterable, Sendable {
    /// From outside to the company.
    case inbound
    /// From the company to at least one recipient outside.
    case outbound
    /// From the company to recipients of the company only.
    case `internal`

    /// `isFromColleague`: the company wrote it.
    public init(isFromColleague: Bool, to recipients: [Address], companyDomains: Set<String>) {
        guard isFromColleague else {
            self = .inbound
            return
        }
        self = recipients.allSatisfy { $0.isAt(companyDomains) } ? .internal : .outbound
    }
}
