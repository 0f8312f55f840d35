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
    private init(_ found: MarkerOccurrence, _ message: InspectedMessage) throws {
        self.found = ThreadReference(found)
        let marker = found.marker
        guard let company = message.rules.routing[marker.company], let key = company.markerKeys[marker.keyID] else {
            verdict = .refused(.unknownKey)
            return
        }
        verdict =
            if try !marker.isAuthentic(key: HMACKey(key)) {
                .refused(.badSignature)
            } else if company.domains.isDisjoint(with: message.domains) {
                .refused(.notParticipant)
            } else if company.sync != .limited {
                .refused(.notLimited)
            } else if company.withdrawnThreads.contains(marker.thread) {
                .refused(.withdrawnMarker)
            } else if try message.isNeverLogged(by: company) {
                .refused(.neverLog)
            } else {
                .holds(company)
            }
    }

    /// Of a message without a marker that was recognised all the same; the company takes part and is on limited sync.
    private init(_ found: ThreadReference, of company: Routing.Company, _ message: InspectedMessage) throws {
        self.found = found
        verdict =
            if case .unsignedMarker(nil) = found.evidence {
                .refused(.unsignedMarker)
            } else if company.withdrawnThreads.contains(found.thread) {
                .refused(.withdrawnMarker)
            } else if try message.isNeverLogged(by: company) {
                .refused(.neverLog)
            } else {
                .holds(company)
            }
    }

    /// Companies that are asked about a message without a marker of theirs. A mail to more is no answer in a thread.
    private static let lookupLimit = 64

    /// Verdicts in the order in which they count, those behind the ones that decide included: markers, then what else
    /// companies recognise the message by. Companies are independent of one another: one is asked unless a marker of
    /// its own holds, whatever the message is to others.
    static func all(
        _ markers: [MarkerOccurrence], _ unsigned: UnsignedMarker?, _ message: InspectedMessage
    ) throws -> [MarkerVerdict] {
        let markers = try markers.map { try MarkerVerdict($0, message) }
        guard unsigned != nil || message.rules.learned.threads.count > 0 else { return markers }
        let lookup = UnmarkedReplyLookup(message: message, unsignedMarker: unsigned)
        let others = companies(of: message, besides: markers).prefix(lookupLimit)
        return try markers
            + others.compactMap { company in
                try lookup.thread(of: company).map { try MarkerVerdict($0, of: company, message) }
            }
    }

    /// The companies on limited sync that take part and have no marker that holds, each once, in an order that is
    /// always the same.
    private static func companies(of message: InspectedMessage, besides markers: [MarkerVerdict]) -> [Routing.Company] {
        var seen = Set(markers.lazy.filter(\.holds).map(\.found.company))
        var companies: [Routing.Company] = []
        for address in [message.envelope.sender] + message.envelope.recipients {
            guard let company = address.domain.flatMap(message.rules.routing.company(domain:)),
                company.sync == .limited, seen.insert(company.id).inserted
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
