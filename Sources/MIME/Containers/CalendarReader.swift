import Calendars

/// Shows parts of text/calendar, and files of that form.
enum CalendarReader {
    @Sendable static func read(_ part: MessagePart, _ rendering: inout PartRendering) -> Rendition {
        let content = part.content
        let file = Rendition(attachments: [AttachedPart(part, size: content.count)])
        guard rendering.takeContainer() else { return file }
        let label = part.contentType["charset"]?.lowercased()
        // Lines may be folded within a character of UTF-8, so that is decoded once they are unfolded.
        let isUTF8 = label == nil || label == "utf-8" || label == "us-ascii"
        let source = isUTF8 ? content : Array(Charset.decode(content, label: label).utf8)
        guard let calendar = CalendarObject(source, method: part.contentType["method"]) else { return file }
        var shown = rendition(calendar, rendering.context)
        // Without a name it is there for the mail program.
        if !part.name.isEmpty || part.isFile || calendar.omitted > 0 { shown.attachments = file.attachments }
        return shown
    }

    /// The invitations, and what is shown of them where a message has no other text.
    static func rendition(_ calendar: CalendarObject, _ context: ReadingContext) -> Rendition {
        var texts = calendar.invitations.map { $0.lines(zone: context.timeZone).joined(separator: "\n") }
        if calendar.omitted > 0 { texts.append("… and \(calendar.omitted) more events") }
        return Rendition(
            substitute: [.text(texts.joined(separator: "\n\n"))], invitations: calendar.invitations)
    }
}
