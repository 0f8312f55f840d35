public import Core
import Sealing

/// What is to be done with a message, decided at the end of its header from values alone.
public enum Decision: Sendable {
    /// Not stored. The thread is the one that came closest; nil where there was none.
    case pass(Outcome, ThreadReference?)
    /// To be stored; and forwarded as well, if the company does both: `Forwarding` tells.
    case capture(MatchedMessage)
    /// To be forwarded, and not stored.
    case forward(MatchedMessage)
    /// Neither, since the company only observes. Its size is still to be seen.
    case observe(MatchedMessage)

    /// Takes the first marker that holds; where none does, a message that is named and was seen before; where there is none,
    /// an outside system's marker that the company takes. Else the reason of the one that came closest.
    ///
    /// Throws `CryptoError` where OpenSSL fails.
    public init(header: HeaderSection, envelope: Envelope, isSubmitted: Bool = false, rules: InspectionContext) throws {
        let findings = try MarkerVerdict.all(header: header, envelope: envelope, rules: rules)
        guard let finding = findings.first(where: \.holds), case .holds(let company) = finding.verdict else {
            self = .pass(findings.closestRefusal ?? .noMarker, findings.closest?.found)
            return
        }
        let match = MatchedMessage(
            finding.found, of: company, header: header, envelope: envelope, isSubmitted: isSubmitted,
            authservIDs: rules.authservIDs)
        self =
            switch company.capture {
            case .store, .storeAndForward: .capture(match)
            case .forward: .forward(match)
            case .observe: .observe(match)
            }
    }

    /// Set where the message is a company's business.
    public var match: MatchedMessage? {
        switch self {
        case .pass: nil
        case .capture(let match), .forward(let match), .observe(let match): match
        }
    }
}
