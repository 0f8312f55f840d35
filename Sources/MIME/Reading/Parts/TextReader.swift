/// Shows parts of text.
enum TextReader {
    @Sendable static func plain(_ part: MessagePart, _ rendering: inout PartRendering) -> Rendition {
        show(part, &rendering) { bytes in
            let isFlowed = part.contentType["format"]?.lowercased() == "flowed"
            let deletesSpace = part.contentType["delsp"]?.lowercased() == "yes"
            return Rendition(
                plain: Charset.decode(bytes, label: part.contentType["charset"]),
                flow: isFlowed ? (deletesSpace ? .flowedWithoutSpace : .flowed) : .fixed)
        }
    }

    @Sendable static func html(_ part: MessagePart, _ rendering: inout PartRendering) -> Rendition {
        show(part, &rendering) { bytes in
            let declared = part.contentType["charset"].flatMap { Charset.isKnown($0) ? $0 : nil }
            let label = declared ?? Charset.label(inHTML: bytes)
            return Rendition(html: Charset.decode(bytes, label: label))
        }
    }

    @Sendable static func enriched(_ part: MessagePart, _ rendering: inout PartRendering) -> Rendition {
        show(part, &rendering) { bytes in
            Rendition(plain: EnrichedText.plain(Charset.decode(bytes, label: part.contentType["charset"])))
        }
    }

    private static func show(
        _ part: MessagePart, _ rendering: inout PartRendering, _ render: ([UInt8]) -> Rendition
    ) -> Rendition {
        let content = part.content
        var shown = render(rendering.budget.take(content))
        let file = AttachedPart(part, size: content.count)
        // A text file with disposition inline.
        if !part.name.isEmpty { shown.attachments.append(file) }
        if shown.blocks.isEmpty, !isBlank(content) { shown.unseen.append(file) }
        return shown
    }

    private static func isBlank(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 <= space }
    }
}
