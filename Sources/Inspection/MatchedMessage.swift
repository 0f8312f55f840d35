public import Core

/// A message of a company's thread: the thread, and what the mail host finds out about the message.
public struct MatchedMessage: Sendable {
    public let found: ThreadReference
    public let company: Routing.Company
    public let direction: Direction
    /// The one address of From; null where nobody can say who wrote it.
    public let author: Address
    /// The company wrote it, and one of its users' clients brought it (SMTP AUTH).
    public let isSubmitted: Bool
    /// What it shows of ids may be learned. Not of a message that is forged, or may be, or whose author is unknown and
    /// outside.
    public let teachesIDs: Bool
    public let authentication: Authentication
    /// The labels that the mail host decides.
    public let labels: Set<MessageLabel>

    init(_ found: ThreadReference, of company: Routing.Company, evidence: AuthorEvidence) {
        let authorship = Authorship(evidence, of: company)
        var labels = evidence.labels
        if authorship.isSpoofed { labels.insert(.spoofedSender) }
        switch found.evidence {
        case .marker: break
        case .learnedID: labels.insert(.learnedID)
        case .unsignedMarker: labels.insert(.unsignedMarker)
        }
        self.found = found
        self.company = company
        self.labels = labels
        author = authorship.author
        isSubmitted = authorship.isSubmitted
        teachesIDs = authorship.teachesIDs
        authentication = authorship.authentication
        direction = Direction(
            isFromColleague: authorship.isFromColleague, to: evidence.envelope.recipients,
            companyDomains: company.domains)
    }
}
