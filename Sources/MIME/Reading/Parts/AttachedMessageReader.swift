/// Shows attached messages: forwarded ones, and those that a bounce returns.
enum AttachedMessageReader {
    @Sendable static func read(_ part: MessagePart, _ rendering: inout PartRendering) -> Rendition {
        let content = part.content
        let header = MessageHeader(content)
        let message = Message.AttachedMessage(
            from: header.mailboxes("From").text, date: header.text("Date").text, subject: header.text("Subject").text)
        let subject = message.subject.shortened(to: ReadingLimits.name)
        let attachment = Message.Attachment(
            name: subject.isEmpty ? part.name : subject, type: part.type, size: content.count, message: message)
        return Rendition(attachments: [AttachedPart(attachment: attachment, content: .part(part))])
    }

    /// What is shown of an attached message in a message without a text of its own: who wrote it when about what, and
    /// its text as a quotation.
    static func text(
        of part: MessagePart, _ message: Message.AttachedMessage, _ rendering: inout PartRendering
    ) -> [Message.Block] {
        var lines = [message.subject.isEmpty ? "Attached message" : "Attached message: \(message.subject)"]
        if !message.from.isEmpty { lines.append("From: \(message.from)") }
        if !message.date.isEmpty { lines.append("Date: \(message.date)") }
        let blocks = rendering.blocks(ofMessage: part.content)
        return [.text(lines.joined(separator: "\n"))]
            + blocks.map { block in
                .quoted(block.content, lines: block.content.utf8.count { $0 == lineFeed } + 1)
            }
    }
}
