public import Core
import Sealing

/// Whether a message of a company's thread is to be forwarded, decided from values alone.
public enum Forwarding: Hashable, Sendable {
    /// The company does not forward.
    case off
    /// The address becomes a recipient, and the header gets a field that says so.
    case add(address: String, token: String)
    /// It is not forwarded; the reason is any but `yes`.
    case not(Forwarded)

    /// A message with this many of the company's tokens, none of them its own, is in a loop that changes it on each
    /// round. (A message with its own token was forwarded already.)
    static let tokenLimit = 8

    /// Throws `CryptoError` if OpenSSL fails, and `Routing.Company.MissingKey` if the company has no index key.
    public init(header: HeaderSection, envelope: Envelope, company: Routing.Company) throws {
        guard company.capture.forwards, let address = company.forwardAddress else {
            self = .off
            return
        }
        guard let key = company.indexKey else {
            throw Routing.Company.MissingKey.indexKey(company.id)
        }
        let findings = try ForwardToken.scan(header, of: company)
        if envelope.names(Address(path: address)) {
            self = .not(.recipient)
        } else if findings.isForwarded {
            self = .not(.before)
        } else if findings.count >= Self.tokenLimit {
            self = .not(.loop)
        } else {
            self = .add(address: address, token: try ForwardToken(header: header, company: company.id, key: key).text)
        }
    }

    /// For the log; nil if the company does not forward.
    public var result: Forwarded? {
        switch self {
        case .off: nil
        case .add: .yes
        case .not(let reason): reason
        }
    }
}
