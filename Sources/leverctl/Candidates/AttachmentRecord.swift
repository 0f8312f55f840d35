import MIME

/// The output of `message attachments --json`.
struct AttachmentListing: Encodable {
    let entry: String
    let company: Int64
    let attachments: [AttachmentRecord]
}

struct AttachmentRecord: Encodable {
    /// From 1, in the order of the timeline.
    let number: Int
    /// As the sender called it.
    let name: String
    let type: String
    /// Decoded bytes.
    let size: Int
    /// The path that it was saved under; missing if it was not.
    var file: String?

    init(_ attachment: Message.Attachment, number: Int) {
        self.number = number
        name = attachment.name
        type = attachment.type
        size = attachment.size
    }
}
