/// Why a message was not submitted, in one line that says what to do. Never quotes the server, whose text may hold
/// addresses and content; only its reply code and status code (RFC 3463).
public struct SubmissionError: Error, Hashable, CustomStringConvertible, Sendable {
    public enum Kind: Hashable, Sendable {
        case noName, noAnswer, noSTARTTLS, certificate, authorities, login, refused, tooSlow, broken
        /// An address needs SMTPUTF8 (RFC 6531), and the server does not offer it.
        case noSMTPUTF8
        /// Refused here, before a connection is made.
        case unsafe
        /// From the token endpoint.
        case token
        case tokenRevoked
    }

    public let kind: Kind
    /// The SMTP or HTTP code; 0 if there was none.
    public let code: Int
    public let description: String

    init(_ kind: Kind, code: Int = 0, status: String? = nil, _ detail: String? = nil) {
        self.kind = kind
        self.code = code
        let reply = code < 400 ? "" : " (\(([String(code), status].compactMap(\.self)).joined(separator: " ")))"
        description =
            switch kind {
            case .noName: "the server's name does not resolve; check it with leverctl account show"
            case .noAnswer: "cannot connect to the server; check its name and port with leverctl account show"
            case .noSTARTTLS:
                "the server offers no STARTTLS on this port; nothing was sent: try --security tls, or another port"
            case .noSMTPUTF8:
                "an address has characters outside ASCII before the @, which the server does not take (it offers no "
                    + "SMTPUTF8); nothing was sent: use another address, or an account whose server offers it"
            case .certificate:
                "the server's certificate is not valid for its name, or not from a trusted authority; nothing was sent: "
                    + "check the name, or give the authority with --ca-file"
            case .authorities: "the file with certificate authorities (--ca-file) cannot be read"
            case .login: "the server refused the user name with the password or token\(reply)"
            case .refused:
                code >= 500
                    ? "the server refused the message permanently\(reply)"
                    : "the server refused the message temporarily\(reply); try again later"
            case .tooSlow: "the server did not answer in time; try again later"
            case .broken: "the connection to the server broke\(detail.map { ": \($0)" } ?? "")\(reply)"
            case .unsafe: "nothing was sent: \(detail ?? "something has control characters")"
            case .token: "no access token\(reply)\(detail.map { ": \($0)" } ?? "")"
            case .tokenRevoked:
                "the refresh token is no longer valid\(reply); sign in at the provider again, then leverctl account set"
            }
    }
}
