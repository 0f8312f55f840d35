/// What trusted hosts wrote into Authentication-Results (RFC 8601) about a message.
///
/// Only fields of trusted authserv-ids are read. The mail server must have dropped those that a message arrived with
/// (RFC 8601 section 5), before the first filter of its own wrote any: nobody further on can tell them apart. Where it did
/// not, what is below the topmost field of a method counts against the message alone.
///
/// A field with anything in it that RFC 8601 does not allow proves nothing; but its writer may have meant it as a refusal,
/// since envelope addresses that a sender chose are in it.
public struct AuthenticationResults: Sendable {
    /// From the topmost field of their method.
    private var topmost: [AuthenticationResult] = []
    /// From fields below.
    private var lower: [AuthenticationResult] = []
    private var hasMalformed = false

    /// Trusted fields that are read; with more of them, something is wrong.
    private static let fieldLimit = 32

    /// `trusted`: authserv-ids in lower case.
    public init(_ header: HeaderSection, trusted: some Collection<String>) {
        guard !trusted.isEmpty else { return }
        var count = 0
        for value in header.values("Authentication-Results") {
            var parser = AuthenticationResultsParser(value.prefix(MessageIDList.byteLimit))
            guard let id = parser.authservID(), trusted.contains(id) else { continue }
            count += 1
            guard count <= Self.fieldLimit, value.count <= MessageIDList.byteLimit, let results = parser.results()
            else {
                hasMalformed = true
                continue
            }
            let known = Set(topmost.map(\.method))
            // Some filters (OpenDMARC 1.4) write the name as the client gave it, with whatever results are in it.
            let isClients = results.contains(where: \.namesClient)
            for result in results where !(isClients && result.isPass) {
                if known.contains(result.method) { lower.append(result) } else { topmost.append(result) }
            }
        }
    }

    private var all: [AuthenticationResult] { topmost + lower }

    /// Every result of the method about that domain passed, and there is one.
    private func passes(_ method: String, _ domain: String) -> Bool {
        topmost.contains { $0.method == method && $0.passes(domain) }
            && !all.contains { $0.method == method && $0.mayRefuse(domain) }
    }

    private func fails(_ method: String, _ domain: String) -> Bool {
        all.contains { $0.method == method && $0.isFail && $0.mayRefuse(domain) }
    }

    /// What they say about mail of a domain, in its normal form: DMARC decides where it was checked, else a pass of SPF or
    /// DKIM for exactly that domain is one, and a fail of either without a pass is a fail.
    public func verdict(for domain: String) -> Authentication {
        if fails("dmarc", domain) { return .fail }
        if passes("dmarc", domain) || passes("spf", domain) { return .pass }
        // A message may have several signatures of its domain, of which one is enough (RFC 6376 section 6.1).
        if topmost.contains(where: { $0.method == "dkim" && $0.passes(domain) }) { return .pass }
        return fails("spf", domain) || fails("dkim", domain) ? .fail : .none
    }

    /// Whether they prove that who claims that domain in From may: DMARC passed for it, or SPF for an envelope sender of it
    /// and DMARC did not fail.
    public func prove(_ domain: String) -> Bool {
        !fails("dmarc", domain) && (passes("dmarc", domain) || passes("spf", domain))
    }

    /// Whether one of them is about that domain, or may be, and did not pass.
    public func refuse(_ domain: String) -> Bool { hasMalformed || all.contains { $0.mayRefuse(domain) } }

    /// Whether one of them is a fail or a softfail about that domain, or may be one.
    public func doubt(_ domain: String) -> Bool {
        hasMalformed || all.contains { $0.isDoubt && $0.mayRefuse(domain) }
    }

    /// Whether DMARC was checked for another domain than that, or one above it: then the host that checked it read another
    /// author in From.
    public func nameAnotherAuthor(than domain: String) -> Bool {
        all.contains { result in
            guard result.method == "dmarc" else { return false }
            let domains = result.domains("header.from")
            return !domains.isEmpty
                && !domains.contains { $0.map { $0 == domain || domain.hasSuffix(".\($0)") } ?? false }
        }
    }
}
