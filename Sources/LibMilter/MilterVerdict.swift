/// What the mail server should do with a message.
public enum MilterVerdict: Sendable {
    /// Continue; at end of message, deliver it.
    case proceed
    /// Deliver the message and send no more of it to the filter.
    case accept
}

/// A temporary refusal.
public struct MilterReply: Equatable, Sendable {
    /// SMTP reply code: `451`, or `421`, after which the server ends the SMTP session.
    public let code: String
    /// RFC 3463 status code, such as `4.7.1`.
    public let status: String
    /// One line of ASCII without `%`.
    public let text: String

    public init(code: String = "451", status: String, text: String) {
        self.code = code
        self.status = status
        self.text = text
    }
}
