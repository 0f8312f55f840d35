/// Where a user's mail is submitted (RFC 6409), and how the way there is kept secret. Nothing is sent in the clear.
public struct SubmissionServer: Hashable, Sendable {
    public enum Security: String, CaseIterable, Codable, Sendable {
        /// TLS after STARTTLS (RFC 3207); a server that does not offer it is not used.
        case starttls
        /// TLS from the first byte (RFC 8314).
        case tls

        /// The port that is its own.
        public var port: UInt16 { self == .tls ? 465 : 587 }
    }

    public var host: String
    public var port: UInt16
    public var security: Security
    /// A PEM file of the authorities that certify the server; nil for the system's.
    public var authorities: String?

    public init(host: String, port: UInt16, security: Security, authorities: String? = nil) {
        self.host = host
        self.port = port
        self.security = security
        self.authorities = authorities
    }

    var url: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return "\(security == .tls ? "smtps" : "smtp")://\(host):\(port)/"
    }
}

/// How a user proves to the server who it is.
public enum SubmissionCredential: Sendable {
    case password(String)
    /// An access token (XOAUTH2).
    case token(String)
}
