public import Core
import Sealing

/// What is to be done with a message, decided at the end of its header from values alone.
public enum Decision: Sendable {
    /// Not stored. The marker is the one that came closest; nil where there was none.
    case pass(Outcome, Marker?)
    case capture(Marker, Routing.Company, Direction)

    /// Takes the first marker that holds. Where none does, the reason of the one that came closest to it.
    ///
    /// Throws `CryptoError` where OpenSSL fails.
    public init(header: HeaderSection, envelope: Envelope, routing: Routing, markerDomains: [String]) throws {
        var closest = (outcome: Outcome.noMarker, marker: Marker?.none)
        let participants = envelope.domains
        for marker in Marker.scan(header, domains: markerDomains) {
            let refusal: Outcome
            if let company = routing[marker.company], let key = company.markerKeys[marker.keyID] {
                if try !marker.isAuthentic(key: HMACKey(key)) {
                    refusal = .badSignature
                } else if company.domains.isDisjoint(with: participants) {
                    refusal = .notParticipant
                } else if company.sync != .limited {
                    refusal = .notLimited
                } else if try company.neverLogs(header: header, envelope: envelope) {
                    refusal = .neverLog
                } else {
                    self = .capture(marker, company, Direction(of: envelope, companyDomains: company.domains))
                    return
                }
            } else {
                refusal = .unknownKey
            }
            if Self.closeness(refusal) > Self.closeness(closest.outcome) { closest = (refusal, marker) }
        }
        self = .pass(closest.outcome, closest.marker)
    }

    private static func closeness(_ outcome: Outcome) -> Int {
        [.noMarker, .unknownKey, .badSignature, .notParticipant, .notLimited, .neverLog].firstIndex(of: outcome)!
    }
}
