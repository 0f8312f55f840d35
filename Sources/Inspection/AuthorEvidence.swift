import Core

/// What a message shows of its author: From, the envelope, and what the mail server and trusted hosts found out. The same
/// for every company; read once a message. A plain value.
struct AuthorEvidence: Sendable {
    /// Null where nobody can say who wrote it.
    let author: Address
    let envelope: Envelope
    let client: Client
    /// Somebody checks whose mail it is: authserv_ids are set.
    let isChecked: Bool
    let results: AuthenticationResults
    /// The client is a host whose mail is the company's own: internal_hosts.
    let isInternal: Bool
    /// A list or a redirect brings it again. A host that does so proves nothing about who wrote it.
    let isResent: Bool
    /// By what the header says.
    let labels: Set<MessageLabel>
    /// A list put an address of its own in From, in place of the author's.
    let isRewritten: Bool
    private let routing: Routing

    init(header: HeaderSection, envelope: Envelope, client: Client, rules: InspectionContext) {
        self.envelope = envelope
        self.client = client
        isChecked = !rules.authservIDs.isEmpty
        let results = AuthenticationResults(header, trusted: rules.authservIDs)
        self.results = results
        labels = header.labels(sender: envelope.sender)
        isInternal =
            if case .host(let address) = client { rules.internalHosts.contains { $0.contains(address) } } else { false }
        isResent = header.isList || header.isRedirected || envelope.sender.isRewrittenForForwarding
        routing = rules.routing
        let author = header.author
        isRewritten = author.map { header.isFromList($0, isSubmitted: client == .user) } ?? false
        // The host that checked read another author in From, or somebody wrote another there afterwards.
        let isAnothers =
            client != .user && author?.domain.map { results.nameAnotherAuthor(than: $0) } ?? false
        self.author = isAnothers ? .null : author ?? .null
    }

    /// SMTP AUTH proved that the client may send the company's mail: not where it is another company's user.
    func isSubmitted(to company: Routing.Company) -> Bool {
        guard client == .user else { return false }
        let other = envelope.sender.domain.flatMap { routing.company(domain: $0) }
        return other == nil || other?.id == company.id
    }
}

extension HeaderSection {
    /// It came by way of a list that people write to.
    fileprivate var isList: Bool {
        ["List-Id", "List-Post", "Mailing-List"].contains { !values($0).isEmpty }
            || unfolded("Precedence").contains { $0.map(\.asciiLowercased) == Array("list".utf8) }
    }

    /// It was delivered or sent before: Resent fields (RFC 5322 section 3.6.6), or a delivery agent's trace.
    fileprivate var isRedirected: Bool {
        ["Resent-From", "Resent-Sender", "Resent-To", "Resent-Date", "Resent-Message-ID", "Delivered-To"].contains {
            !values($0).isEmpty
        }
    }

    /// Whether a list put its own address, or another of its domain, in place of the author's.
    fileprivate func isFromList(_ author: Address, isSubmitted: Bool) -> Bool {
        guard isList, let domain = author.domain else { return false }
        let originals = addresses(in: ["X-Original-From", "X-Original-Sender", "X-Google-Original-From", "X-MailFrom"])
        if originals.contains(where: { $0.domain != domain }) { return true }
        // A user's own list mail is from the list, too.
        guard !isSubmitted || addresses(in: ["Reply-To"]).contains(where: { $0.domain != domain }) else { return false }
        let ids = ["List-Id", "List-Post", "Mailing-List"].flatMap(unfolded).map {
            String(decoding: $0.prefix(1000).map(\.asciiLowercased), as: UTF8.self)
        }
        let listID = author.text.replacingLast("@", by: ".")
        return ids.contains { $0.contains("<\(listID)>") || $0.contains(author.text) }
    }
}

extension String {
    fileprivate func replacingLast(_ character: Character, by other: Character) -> String {
        guard let index = lastIndex(of: character) else { return self }
        return self[..<index] + String(other) + self[self.index(after: index)...]
    }
}

extension Address {
    /// By the Sender Rewriting Scheme: a forwarder's, for somebody else's mail.
    fileprivate var isRewrittenForForwarding: Bool {
        ["srs0=", "srs0+", "srs0-", "srs1=", "srs1+", "srs1-"].contains { text.hasPrefix($0) }
    }
}
