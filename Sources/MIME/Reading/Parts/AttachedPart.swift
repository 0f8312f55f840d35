/// An attachment, and where its bytes are.
struct AttachedPart: Sendable {
    enum Content: Sendable {
        /// The decoded body of a part.
        case part(MessagePart)
        /// What was found inside a part.
        case bytes([UInt8])
    }

    let attachment: Message.Attachment
    let content: Content

    /// Decoded.
    var bytes: [UInt8] {
        switch content {
        case .part(let part): part.content
        case .bytes(let bytes): bytes
        }
    }
}

extension AttachedPart {
    /// `size` is that of the decoded body.
    init(_ part: MessagePart, size: Int) {
        self.init(attachment: .init(name: part.name, type: part.type, size: size), content: .part(part))
    }
}
