public import MIME

/// What a user wrote to a candidate.
public struct Draft: Sendable {
    /// Without control characters.
    public var subject: String
    /// Lines end in `\n`.
    public var text: String
    public var attachments: [OutgoingMessage.Attachment]

    public init(subject: String, text: String, attachments: [OutgoingMessage.Attachment] = []) {
        self.subject = subject
        self.text = text
        self.attachments = attachments
    }
}
