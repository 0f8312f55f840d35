// Submission: sends one message through a user's own account, and refreshes OAuth access tokens. Knows nothing of this
// product; may use libcurl.

/// The server to which a user's mail is submitted (RFC 6409), and how the connection is secured. Never in the clear.
public struct SubmissionServer: Hashable, Sendable {
    public enum Security: String, CaseIterable, Codable, Sendable {
        /// TLS after STARTTLS (RFC 3207). A server that does not offer it is refused.
        case starttls
        /// TLS from the first byte (RFC 8314).
        case tls

        /// The default port.
        public var port: UInt16 { self == .tls ? 465 : 587 }
    }

    public var host: String
    public var port: UInt16
    public var security: Security
    /// A PEM file of the authorities to trust; nil for the system's.
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
