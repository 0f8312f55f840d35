/// A user's credential for the server.
public enum SubmissionCredential: Sendable {
    case password(String)
    /// An access token (XOAUTH2).
    case token(String)
}
