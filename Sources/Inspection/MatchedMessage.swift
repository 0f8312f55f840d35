public import Core

/// A message of a company's thread: the thread, and what the mail host finds out about the message.
public struct MatchedMessage: Sendable {
    public let found: ThreadReference
    public let company: Routing.Company
    public let direction: Direction
    /// The one address of From, or null; without a From, the envelope's sender.
    public let author: Address
    public let authentication: Authentication
    /// The client proved to the mail server that it is one of its users, or is a host of the company's.
    public let isSubmitted: Bool
    /// Replies to it may be recognised by its ids: it is not known to be forged.
    public let teachesIDs: Bool
    /// The labels that the mail host decides.
    public let labels: Set<MessageLabel>

    /// `isSubmitted`: the client proved to the mail server that it is one of its users (SMTP AUTH).
    init(
        _ found: ThreadReference, of company: Routing.Company, header: HeaderSection, envelope: Envelope,
        isSubmitted: Bool, authservIDs: [String]
    ) {
        let results = AuthenticationResults(header, trusted: authservIDs)
        author = header.author(of: envelope)
        let senderDomain = envelope.sender.domain ?? ""
        let isSpoofed =
            envelope.sender.isAt(company.domains) && !isSubmitted && results.verdict(for: senderDomain) == .fail
        var labels = header.labels(sender: envelope.sender)
        if isSpoofed { labels.insert(.spoofedSender) }
        switch found.evidence {
        case .marker: break
        case .learnedID: labels.insert(.learnedID)
        case .unsignedMarker: labels.insert(.unsignedMarker)
        }
        self.found = found
        self.company = company
        direction = Direction(of: envelope, companyDomains: company.domains, isSpoofed: isSpoofed)
        authentication = author.domain.map(results.verdict(for:)) ?? .none
        self.isSubmitted = isSubmitted
        teachesIDs = direction != .inbound || authentication != .fail && !isSpoofed && !author.isNull
        self.labels = labels
    }
}

extension HeaderSection {
    /// The author; `Address.null` where From does not name one, and without a From the envelope's sender.
    func author(of envelope: Envelope) -> Address { values("From").isEmpty ? envelope.sender : author ?? .null }
}
