public import Core
import Sealing

/// What one thing in a header that could belong to a thread is worth: a marker of ours, a learned id, or an external
/// system's marker. Decided from values alone.
public struct MarkerVerdict: Sendable {
    public enum Verdict: Sendable {
        /// It is genuine, and its company takes part and wants the message.
        case holds(Routing.Company)
        case refused(Outcome)
    }

    public let found: ThreadReference
    public let verdict: Verdict

    var holds: Bool { if case .holds = verdict { true } else { false } }

    var refusal: Outcome? { if case .refused(let outcome) = verdict { outcome } else { nil } }

    /// Of a marker of ours. Throws `CryptoError` if OpenSSL fails.
    private init(_ found: MarkerOccurrence, header: HeaderSection, envelope: Envelope, routing: Routing) throws {
        self.found = ThreadReference(found)
        let marker = found.marker
        guard let company = routing[marker.company], let key = company.markerKeys[marker.keyID] else {
            verdict = .refused(.unknownKey)
            return
        }
        verdict =
            if try !marker.isAuthentic(key: HMACKey(key)) {
                .refused(.badSignature)
            } else if company.domains.isDisjoint(with: envelope.domains) {
                .refused(.notParticipant)
            } else if company.sync != .limited {
                .refused(.notLimited)
            } else if company.withdrawnThreads.contains(marker.thread) {
                .refused(.withdrawnMarker)
            } else if try company.neverLogs(header: header, envelope: envelope) {
                .refused(.neverLog)
            } else {
                .holds(company)
            }
    }

    /// Of a message without a marker that was recognised all the same; the company takes part and is on limited sync.
    private init(
        _ found: ThreadReference, of company: Routing.Company, header: HeaderSection, envelope: Envelope
    ) throws {
        self.found = found
        verdict =
            if case .unsignedMarker(nil) = found.evidence {
                .refused(.unsignedMarker)
            } else if company.withdrawnThreads.contains(found.thread) {
                .refused(.withdrawnMarker)
            } else if try company.neverLogs(header: header, envelope: envelope) {
                .refused(.neverLog)
            } else {
                .holds(company)
            }
    }

    /// Verdicts in the order in which they count, those behind the one that decides included. Learned ids are looked up
    /// only if no marker holds.
    static func all(
        header: HeaderSection, envelope: Envelope, client: Client, rules: InspectionContext
    ) throws -> [MarkerVerdict] {
        let fields = ThreadFields(header)
        let markers = try Marker.scan(fields, domains: rules.markerDomains).map {
            try MarkerVerdict($0, header: header, envelope: envelope, routing: rules.routing)
        }
        guard !markers.contains(where: \.holds) else { return markers }
        let unsigned = UnsignedMarker(fields, domains: rules.markerDomains)
        guard unsigned != nil || rules.learned.threads.count > 0 else { return markers }
        let evidence = unsigned.map { _ in
            AuthorEvidence(header: header, envelope: envelope, client: client, rules: rules)
        }
        return try markers
            + companies(in: envelope, rules.routing).compactMap { company in
                let lookup = UnmarkedReplyLookup(
                    header: header, fields: fields, envelope: envelope, evidence: evidence, company: company,
                    rules: rules)
                let found = try lookup.learnedThread() ?? unsigned.flatMap { try lookup.externalThread($0) }
                return try found.map { try MarkerVerdict($0, of: company, header: header, envelope: envelope) }
            }
    }

    /// The companies on limited sync that take part, each once, in an order that is always the same.
    private static func companies(in envelope: Envelope, _ routing: Routing) -> [Routing.Company] {
        var companies: [Routing.Company] = []
        for address in [envelope.sender] + envelope.recipients {
            guard let company = address.domain.flatMap(routing.company(domain:)), company.sync == .limited,
                !companies.contains(where: { $0.id == company.id })
            else { continue }
            companies.append(company)
        }
        return companies.count < 2 ? companies : companies.sorted { $0.id.rawValue < $1.id.rawValue }
    }

    /// The company, unless it is only claimed by a marker that is false.
    func knownCompany(_ routing: Routing) -> Routing.Company? {
        switch refusal {
        case .badSignature, .unknownKey: nil
        default: routing[found.company]
        }
    }

    /// The number of checks that a refused candidate passed.
    fileprivate var closeness: Int {
        guard let refusal else { return -1 }
        return [
            .unsignedMarker, .unknownKey, .badSignature, .notParticipant, .notLimited, .withdrawnMarker, .neverLog,
        ].firstIndex(of: refusal)!
    }
}

extension [MarkerVerdict] {
    /// The refused candidate that passed the most checks; the first if several tie.
    var closest: MarkerVerdict? {
        reduce(nil) { best, verdict in best.map { verdict.closeness > $0.closeness } ?? true ? verdict : best }
    }
}
