public import Core
import Sealing

/// What is to be done with a message, decided at the end of its header from values alone.
public enum Decision: Sendable {
    /// Not stored. The marker is the one that came closest; nil where there was none.
    case pass(Outcome, FoundMarker?)
    /// To be stored; and forwarded as well, if the company does both: `Forwarding` tells.
    case capture(FoundMarker, Routing.Company, Direction)
    /// To be forwarded, and not stored.
    case forward(FoundMarker, Routing.Company, Direction)
    /// Neither, since the company only observes. Its size is still to be seen.
    case observe(FoundMarker, Routing.Company, Direction)

    /// Takes the first marker that holds. Where none does, the reason of the one that came closest to it.
    ///
    /// Throws `CryptoError` where OpenSSL fails.
    public init(header: HeaderSection, envelope: Envelope, routing: Routing, markerDomains: [String]) throws {
        var closest = (outcome: Outcome.noMarker, marker: FoundMarker?.none)
        for found in Marker.scan(header, domains: markerDomains) {
            switch try Finding(found, header: header, envelope: envelope, routing: routing).verdict {
            case .holds(let company):
                let direction = Direction(of: envelope, companyDomains: company.domains)
                self =
                    switch company.capture {
                    case .store, .storeAndForward: .capture(found, company, direction)
                    case .forward: .forward(found, company, direction)
                    case .observe: .observe(found, company, direction)
                    }
                return
            case .refused(let refusal):
                if Self.closeness(refusal) > Self.closeness(closest.outcome) { closest = (refusal, found) }
            }
        }
        self = .pass(closest.outcome, closest.marker)
    }

    private static func closeness(_ outcome: Outcome) -> Int {
        [.noMarker, .unknownKey, .badSignature, .notParticipant, .notLimited, .neverLog].firstIndex(of: outcome)!
    }
}
