/// What shows a part, by its type. The place to add a type.
///
/// A reader shows its part as text, as attachments, or as both. It looks at no more text than the budget of the
/// rendering allows, and calls the rendering for what is inside a part.
enum PartReaders {
    typealias Leaf = @Sendable (MessagePart, inout PartRendering) -> Rendition
    typealias Multipart = @Sendable (MessagePart, [MessagePart], inout PartRendering) -> Rendition

    /// A part of another type is text if it is of type `text`, and a file otherwise.
    private static let leaves: [String: Leaf] = [
        "text/html": TextReader.html, "text/x-amp-html": TextReader.html, "text/watch-html": TextReader.html,
        "text/enriched": TextReader.enriched, "text/richtext": TextReader.enriched,
        "text/calendar": CalendarReader.read, "text/x-vcalendar": CalendarReader.read,
        "application/ics": CalendarReader.read, "application/ms-tnef": TNEFReader.read,
        "application/vnd.ms-tnef": TNEFReader.read, "application/pkcs7-mime": SMIMEReader.read,
        "application/x-pkcs7-mime": SMIMEReader.read,
        "text/css": file, "text/csv": file, "text/directory": file, "text/javascript": file,
        "text/rtf": file, "text/vcard": file, "text/x-vcard": file,
        "message/rfc822": AttachedMessageReader.read, "message/global": AttachedMessageReader.read,
        "message/news": AttachedMessageReader.read, "text/rfc822-headers": AttachedMessageReader.read,
        "message/global-headers": AttachedMessageReader.read,
        "message/delivery-status": DeliveryReportReader.delivery,
        "message/global-delivery-status": DeliveryReportReader.delivery,
        "message/disposition-notification": DeliveryReportReader.disposition,
        "message/global-disposition-notification": DeliveryReportReader.disposition,
    ]

    /// A multipart of another type shows its parts in order (RFC 2046 section 5.1.3).
    private static let multiparts: [String: Multipart] = [
        "multipart/alternative": alternative, "multipart/related": related, "multipart/signed": SMIMEReader.signed,
        "multipart/encrypted": SMIMEReader.encrypted,
    ]

    /// Files that programs send without a type of their own, by the end of their name.
    private static let files: [(name: String, reader: Leaf)] = [
        (".ics", CalendarReader.read), ("winmail.dat", TNEFReader.read), ("smime.p7m", SMIMEReader.read),
    ]

    static func leaf(_ part: MessagePart) -> Leaf {
        let isText = part.type.hasPrefix("text/")
        if isText, part.isFile, !part.type.hasSuffix("calendar") { return file }
        if let reader = leaves[part.type] { return reader }
        let name = part.name.lowercased()
        if !isText, let known = files.first(where: { name.hasSuffix($0.name) }) { return known.reader }
        return isText ? TextReader.plain : file
    }

    static func multipart(_ part: MessagePart) -> Multipart {
        multiparts[part.contentType.name] ?? mixed
    }

    // MARK: Readers of no type

    @Sendable static func file(_ part: MessagePart, _ rendering: inout PartRendering) -> Rendition {
        Rendition(attachments: [AttachedPart(part, size: part.content.count)])
    }

    @Sendable private static func mixed(
        _ part: MessagePart, _ children: [MessagePart], _ rendering: inout PartRendering
    ) -> Rendition {
        rendering.render(oneAfterAnother: children)
    }

    @Sendable private static func alternative(
        _ part: MessagePart, _ children: [MessagePart], _ rendering: inout PartRendering
    ) -> Rendition {
        let alternatives = children.map { Alternatives.Alternative(type: $0.type, rendition: rendering.render($0)) }
        return Alternatives.shown(alternatives)
    }

    /// The root, which refers to the others (RFC 2387), then those.
    @Sendable private static func related(
        _ part: MessagePart, _ children: [MessagePart], _ rendering: inout PartRendering
    ) -> Rendition {
        let start = part.contentType["start"].map(id)
        let root = children.firstIndex { start != nil && $0.contentID.map(id) == start } ?? 0
        return rendering.render(
            oneAfterAnother: children.dropFirst(root).prefix(1) + children.prefix(root) + children.dropFirst(root + 1))
    }

    private static func id(_ text: String) -> String {
        String(text.unicodeScalars.filter { !" \t\r\n<>".unicodeScalars.contains($0) }.map(Character.init))
    }
}
