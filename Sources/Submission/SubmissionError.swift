/// Why a message was not submitted, in one line that says what to do. Never in the server's words, which may hold addresses
/// and content: only its reply code and status code (RFC 3463).
public struct SubmissionError: Error, Hashable, CustomStringConvertible, Sendable {
    public enum Kind: Hashable, Sendable {
        case noName, noAnswer, noSTARTTLS, certificate, authorities, login, refused, tooSlow, broken
        /// Of the server that gives out tokens.
        case token
        case tokenRevoked
    }

    public let kind: Kind
    /// SMTP's or HTTP's; 0 where there was none.
    public let code: Int
    public let description: String

    init(_ kind: Kind, code: Int = 0, status: String? = nil, _ detail: String? = nil) {
        self.kind = kind
        self.code = code
        let reply = code < 400 ? "" : " (\(([String(code), status].compactMap(\.self)).joined(separator: " ")))"
        description =
            switch kind {
            case .noName: "the server's name is not known; check it with leverctl account show"
            case .noAnswer: "nobody answers at the server and port; check them with leverctl account show"
            case .noSTARTTLS:
                "the server offers no STARTTLS on this port; nothing was sent: try --security tls, or another port"
            case .certificate:
                "the server's certificate is not one for its name by an authority that is trusted; nothing was sent: check the "
                    + "name, or give the authority with --ca-file"
            case .authorities: "the file of authorities (--ca-file) cannot be read"
            case .login: "the server did not take the name with the password or token\(reply)"
            case .refused:
                code >= 500
                    ? "the server refused the message for good\(reply)"
                    : "the server refused the message for now\(reply); try again later"
            case .tooSlow: "the server did not answer in time; try again later"
            case .broken: "the exchange with the server broke off\(detail.map { ": \($0)" } ?? "")\(reply)"
            case .token: "no access token\(reply)\(detail.map { ": \($0)" } ?? "")"
            case .tokenRevoked:
                "the refresh token is not good any more\(reply); sign in at the provider again, then leverctl account set"
            }
    }
}
