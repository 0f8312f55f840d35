/// What is attached to a message, with the bytes: all of it, also where `Message.attachments` is cut.
///
/// A plain value that keeps the raw message. Attachments of an attached message are in that, not here.
public struct MessageAttachments: Sendable {
    private let parts: [AttachedPart]

    /// Reads a raw message as `Message` does.
    public init(raw: [UInt8]) { parts = PartRendering.body(of: raw).shown.attachments }

    /// In the order of `Message.attachments`, which are the first of them.
    public var list: [Message.Attachment] { parts.map(\.attachment) }

    /// The decoded bytes of an attachment, decoded at each call. `index` is a position in `list`.
    public func content(_ index: Int) -> [UInt8] { parts[index].bytes }
}

extension Message {
    /// The decoded bytes of one attachment of a raw message by its position in `attachments`; nil if there is none. For
    /// several, `MessageAttachments` reads the message once.
    public static func attachment(_ index: Int, of raw: [UInt8]) -> [UInt8]? {
        let attachments = MessageAttachments(raw: raw)
        return attachments.list.indices.contains(index) ? attachments.content(index) : nil
    }
}
