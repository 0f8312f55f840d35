public import Core
import Sealing

/// What one marker of a header is worth, decided from values alone.
public struct Finding: Sendable {
    public enum Verdict: Sendable {
        /// It is true, and its company takes part and wants the message.
        case holds(Routing.Company)
        case refused(Outcome)
    }

    public let found: FoundMarker
    public let verdict: Verdict

    /// Throws `CryptoError` where OpenSSL fails.
    public init(_ found: FoundMarker, header: HeaderSection, envelope: Envelope, routing: Routing) throws {
        self.found = found
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

    /// Of every marker, in the order in which they count: also of those behind the one that a decision was made by.
    public static func all(
        header: HeaderSection, envelope: Envelope, routing: Routing, markerDomains: [String]
    ) throws -> [Finding] {
        try Marker.scan(header, domains: markerDomains).map {
            try Finding($0, header: header, envelope: envelope, routing: routing)
        }
    }
}
