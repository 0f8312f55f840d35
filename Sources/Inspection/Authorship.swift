import Core

/// Whose message it is, seen from a company: decided by the author that From names, checked against the envelope and
/// against what the mail server and trusted hosts say. The envelope's sender alone proves nothing. A plain value.
struct Authorship: Sendable {
    /// Null where nobody can say who wrote it.
    let author: Address
    let isFromColleague: Bool
    /// A colleague's client brought it (SMTP AUTH).
    let isSubmitted: Bool
    /// It claims to be the company's and is not, as far as anybody can tell.
    let isSpoofed: Bool
    /// What it shows of ids may be learned: somebody is known to have written it, and nothing says that it is forged.
    let teachesIDs: Bool
    let authentication: Authentication

    /// What the claim to be a colleague is worth.
    private enum Claim {
        /// By the client, which logged in (SMTP AUTH) or is an internal host.
        case sent
        /// By DMARC or SPF.
        case proved
        /// Nobody checks, and nothing says otherwise.
        case believed
        /// Checked by somebody, or should have been; by nobody who says that it is true. `isRefused`: by what is known of
        /// it, it is false.
        case unproved(isRefused: Bool)
    }

    init(_ evidence: AuthorEvidence, of company: Routing.Company) {
        let sender = evidence.envelope.sender
        var author = evidence.author
        var isFromColleague = false
        var isSpoofed = false
        if author.isNull {
            isFromColleague = evidence.isSubmitted(to: company) && sender.isAt(company.domains)
        } else if author.isAt(company.domains) {
            if evidence.isRewritten {
                // Whoever wrote to the list: nobody proved who.
                author = .null
            } else {
                (isFromColleague, isSpoofed) = Self.judge(Self.claim(evidence, of: company), evidence)
            }
        }
        if sender.isAt(company.domains), !isFromColleague, !evidence.isSubmitted(to: company),
            sender.domain.map(evidence.results.verdict(for:)) == .fail
        {
            isSpoofed = true
        }
        authentication = author.domain.map(evidence.results.verdict(for:)) ?? .none
        teachesIDs =
            isFromColleague
            || !author.isNull && !isSpoofed && !author.isAt(company.domains)
                && !Self.isDoubtful(author, authentication, evidence)
        isSubmitted = isFromColleague && evidence.isSubmitted(to: company)
        self.author = author
        self.isFromColleague = isFromColleague
        self.isSpoofed = isSpoofed
    }

    private static func judge(
        _ claim: Claim, _ evidence: AuthorEvidence
    ) -> (isFromColleague: Bool, isSpoofed: Bool) {
        switch claim {
        case .unproved(let isRefused): (false, isRefused)
        case .sent, .proved, .believed: (!evidence.envelope.sender.isNull || isOwnReply(claim, evidence), false)
        }
    }

    /// A bounce is the mail system's. Of automatic replies, which come without a sender, too, those are a colleague's that
    /// only a colleague's client can send.
    private static func isOwnReply(_ claim: Claim, _ evidence: AuthorEvidence) -> Bool {
        if case .sent = claim { evidence.labels.contains(.autoReply) } else { false }
    }

    private static func claim(_ evidence: AuthorEvidence, of company: Routing.Company) -> Claim {
        guard let domain = evidence.author.domain else { return .unproved(isRefused: false) }
        if evidence.isSubmitted(to: company) { return .sent }
        let isRefused = evidence.results.refuse(domain)
        if evidence.isInternal, !evidence.isResent, !isRefused { return .sent }
        if evidence.results.prove(domain) { return .proved }
        if isRefused { return .unproved(isRefused: true) }
        if !evidence.isChecked || evidence.client == .forgotten { return .believed }
        // What an internal host sends again was perhaps proved before.
        return .unproved(isRefused: !evidence.isInternal)
    }

    /// An author who did not pass, where a trusted host calls the author's domain or the envelope's forged, or forged
    /// perhaps.
    private static func isDoubtful(
        _ author: Address, _ authentication: Authentication, _ evidence: AuthorEvidence
    ) -> Bool {
        authentication == .fail
            || authentication == .none
                && [author.domain, evidence.envelope.sender.domain].contains { domain in
                    domain.map { evidence.results.doubt($0) } ?? false
                }
    }
}
