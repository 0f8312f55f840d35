import Core
public import MIME
public import Submission

/// How a user's own mail account is reached. The database holds it sealed to the company's keys and signed with one of
/// them: a login that can write to the database can seal to a public key, but must not choose the server that mail goes
/// to or the command that prints a token.
public struct MailAccount: Codable, Hashable, Sendable {
    /// What proves to the server who the user is.
    public enum Secret: Codable, Hashable, Sendable {
        case password(String)
        /// A shell command that prints an access token.
        case tokenCommand(String)
        /// The path of a file that always holds a current access token.
        case tokenFile(String)
        /// Access tokens are requested with it.
        case refreshToken(RefreshToken)
    }

    /// The display name; empty for none.
    public var name: String
    public var address: String
    public var host: String
    public var port: UInt16
    public var security: SubmissionServer.Security
    /// The user's name at the server.
    public var user: String
    /// A PEM file of the authorities that certify the server; nil for the system's.
    public var authorities: String?
    public var secret: Secret

    public init(
        name: String, address: String, host: String, port: UInt16, security: SubmissionServer.Security, user: String,
        authorities: String?, secret: Secret
    ) {
        self.name = name
        self.address = address
        self.host = host
        self.port = port
        self.security = security
        self.user = user
        self.authorities = authorities
        self.secret = secret
    }

    public var server: SubmissionServer {
        SubmissionServer(host: host, port: port, security: security, authorities: authorities)
    }

    /// Why it cannot be used; nil if it can. Checked when it is opened, not only when it is made.
    public var problem: String? {
        if Address.command(address) == nil { return "its address is none" }
        if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "its display name has control characters"
        }
        return server.problem(user: user)
    }

    /// Name and address as a message has them: the domain in ASCII.
    public var mailbox: OutgoingMessage.Mailbox {
        OutgoingMessage.Mailbox(name: name, address: Address.command(address) ?? address)
    }
}
