/// Shows message/delivery-status (RFC 3464) and message/disposition-notification (RFC 8098) as sentences. The source is
/// an attachment.
enum DeliveryReportReader {
    @Sendable static func delivery(_ part: MessagePart, _ rendering: inout PartRendering) -> Rendition {
        read(part, &rendering) { fields, message in
            guard let action = word(fields, "Action"), let event = deliveryEvents[action] else { return nil }
            let status = word(fields, "Status") ?? ""
            let remote = value(fields, "Remote-MTA")
            return Message.DeliveryReport(
                event: event, recipient: recipient(fields), status: status,
                diagnostic: diagnostic(fields, status: status),
                host: remote.isEmpty ? message.map { value($0, "Reporting-MTA") } ?? "" : remote,
                retriedUntil: text(fields, "Will-Retry-Until"))
        }
    }

    @Sendable static func disposition(_ part: MessagePart, _ rendering: inout PartRendering) -> Rendition {
        read(part, &rendering) { fields, _ in
            // `manual-action/MDN-sent-manually; displayed/error`
            let disposition = value(fields, "Disposition").lowercased()
            let type = disposition.prefix { $0 != "/" && $0 != "," && $0 != " " }
            guard let event = dispositionEvents[String(type)] else { return nil }
            return Message.DeliveryReport(
                event: event, recipient: recipient(fields), status: "", diagnostic: "", host: "", retriedUntil: "")
        }
    }

    private static let deliveryEvents: [String: Message.DeliveryReport.Event] = [
        "failed": .failed, "delayed": .delayed, "delivered": .delivered, "relayed": .relayed, "expanded": .expanded,
    ]
    private static let dispositionEvents: [String: Message.DeliveryReport.Event] = [
        "displayed": .displayed, "deleted": .deleted, "dispatched": .dispatched, "processed": .processed,
        "denied": .denied,
    ]

    /// `report` makes a report of a group of fields; its second argument is the first group, which is about the message.
    private static func read(
        _ part: MessagePart, _ rendering: inout PartRendering,
        _ report: (_ fields: PartHeader, _ message: PartHeader?) -> Message.DeliveryReport?
    ) -> Rendition {
        let content = part.content
        let bytes = rendering.budget.take(content)
        let groups = groups(bytes).prefix(ReadingLimits.reports + 1).map {
            PartHeader(bytes, $0, isMessage: false)
        }
        var shown = Rendition(attachments: [AttachedPart(part, size: content.count)])
        shown.reports = groups.compactMap { report($0, groups.first) }
        let text = shown.reports.map(\.text).joined(separator: "\n")
        if !text.isEmpty { shown.blocks = [.text(text)] }
        return shown
    }

    /// Runs of lines between empty ones.
    private static func groups(_ bytes: [UInt8]) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var isOpen = false
        var lines = LineScanner(bytes, 0..<bytes.count)
        while let line = lines.next() {
            let isBlank = bytes[line].allSatisfy { $0 <= space }
            if !isBlank, isOpen {
                groups[groups.count - 1] = groups[groups.count - 1].lowerBound..<lines.position
            } else if !isBlank {
                groups.append(line.lowerBound..<lines.position)
            }
            isOpen = !isBlank
        }
        return groups
    }

    // MARK: Fields

    private static func text(_ fields: PartHeader, _ name: String) -> String {
        let value = fields.values(name).first.map { HeaderText.decode($0.prefix(ReadingLimits.report)) } ?? ""
        return value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The first word in lower case.
    private static func word(_ fields: PartHeader, _ name: String) -> String? {
        text(fields, name).split { $0 == " " || $0 == "(" || $0 == ";" }.first.map { $0.lowercased() }
    }

    /// What follows the type: `rfc822; anna@home.example`, `dns; mx.home.example`.
    private static func value(_ fields: PartHeader, _ name: String) -> String {
        let text = text(fields, name)
        let value = text.firstIndex(of: ";").map { text[text.index(after: $0)...] } ?? text[...]
        return String(value.drop { $0 == " " })
    }

    /// The address that the sender wrote, if the report has it.
    private static func recipient(_ fields: PartHeader) -> String {
        let original = value(fields, "Original-Recipient")
        let address = original.contains("@") ? original : value(fields, "Final-Recipient")
        return address.hasPrefix("<") && address.hasSuffix(">") ? String(address.dropFirst().dropLast()) : address
    }

    /// `smtp; 550 5.1.1 no such user` without the type, the reply code, and the status.
    private static func diagnostic(_ fields: PartHeader, status: String) -> String {
        var text = text(fields, "Diagnostic-Code")[...]
        if let end = text.prefix(30).firstIndex(of: ";") { text = text[text.index(after: end)...].drop { $0 == " " } }
        let code = text.prefix { $0.isASCII && $0.isNumber }
        if code.count == 3 { text = text.dropFirst(3).drop { $0 == " " || $0 == "-" } }
        if !status.isEmpty, text.hasPrefix(status) { text = text.dropFirst(status.count).drop { $0 == " " } }
        return String(text)
    }
}
