public import Core
import Sealing

/// What one thing in a header that could belong to a thread is worth, decided from values alone.
public struct Finding: Sendable {
    public enum Verdict: Sendable {
        /// It is true, and its company takes part and wants the message.
        case holds(Routing.Company)
        case refused(Outcome)
    }

    public let found: FoundThread
    public let verdict: Verdict

    var holds: Bool { if case .holds = verdict { true } else { false } }

    /// Of a marker of ours. Throws `CryptoError` where OpenSSL fails.
    private init(_ found: FoundMarker, header: HeaderSection, envelope: Envelope, routing: Routing) throws {
        self.found = FoundThread(found)
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
            } else if try company.neverLogs(header: header, envelope: envelope) {
                .refused(.neverLog)
            } else {
                .holds(company)
            }
    }

    /// Of what a host remembers; the company takes part and is on limited sync.
    private init(_ found: FoundThread, of company: Routing.Company, header: HeaderSection, envelope: Envelope) throws {
        self.found = found
        verdict =
            if case .unsignedMarker(nil) = found.evidence {
                .refused(.unsignedMarker)
            } else if try company.neverLogs(header: header, envelope: envelope) {
                .refused(.neverLog)
            } else {
                .holds(company)
            }
    }

    /// Of everything that could belong to a thread, in the order in which it counts: also of what is behind that which
    /// decides. What a host remembers is not asked for where a marker holds.
    public static func all(header: HeaderSection, envelope: Envelope, rules: Rules) throws -> [Finding] {
        let markers = try Marker.scan(header, domains: rules.markerDomains).map {
            try Finding($0, header: header, envelope: envelope, routing: rules.routing)
        }
        guard !markers.contains(where: \.holds) else { return markers }
        let companies = Set(envelope.domains.compactMap { rules.routing.company(domain: $0)?.id })
            .sorted { $0.rawValue < $1.rawValue }.compactMap { rules.routing[$0] }.filter { $0.sync == .limited }
        let unsigned = UnsignedMarker(header, domains: rules.markerDomains)
        return try markers
            + companies.compactMap { company in
                let recognition = Recognition(header: header, envelope: envelope, company: company, rules: rules)
                let found = try recognition.learnedThread() ?? unsigned.flatMap { try recognition.outsideThread($0) }
                return try found.map { try Finding($0, of: company, header: header, envelope: envelope) }
            }
    }

    /// The more, the less was missing.
    fileprivate var closeness: Int {
        guard case .refused(let outcome) = verdict else { return -1 }
        return [.unsignedMarker, .unknownKey, .badSignature, .notParticipant, .notLimited, .neverLog]
            .firstIndex(of: outcome)!
    }
}

extension [Finding] {
    /// Of those that do not hold, the first of which the least was missing.
    var closest: Finding? {
        reduce(nil) { best, finding in best.map { finding.closeness > $0.closeness } ?? true ? finding : best }
    }

    var closestRefusal: Outcome? {
        if case .refused(let outcome) = closest?.verdict { outcome } else { nil }
    }
}
