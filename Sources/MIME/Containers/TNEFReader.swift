import Calendars
import TNEF

/// Shows winmail.dat: its text, its files and its meeting.
enum TNEFReader {
    @Sendable static func read(_ part: MessagePart, _ rendering: inout PartRendering) -> Rendition {
        let content = part.content
        let file = Rendition(attachments: [AttachedPart(part, size: content.count)])
        guard rendering.takeContainer(), let message = TNEFMessage(content, decode: decode) else { return file }
        var shown = Rendition()
        shown.hidden = text(of: message, &rendering).blocks
        shown.attachments = message.attachments.map { attachment in
            AttachedPart(
                attachment: .init(
                    name: attachment.name.shortened(to: ReadingLimits.name),
                    type: attachment.type.contains("/")
                        ? attachment.type.shortened(to: ReadingLimits.name) : "application/octet-stream",
                    size: attachment.data.count),
                content: .bytes(attachment.data))
        }
        if message.omitted > 0 { shown.attachments += file.attachments }
        if let calendar = meeting(of: message) {
            let invitation = CalendarReader.rendition(calendar, rendering.context)
            shown.invitations = invitation.invitations
            shown.substitute = invitation.substitute
        }
        return shown.hidden.isEmpty && shown.attachments.isEmpty && shown.invitations.isEmpty ? file : shown
    }

    private static func text(of message: TNEFMessage, _ rendering: inout PartRendering) -> Rendition {
        func bounded(_ text: String) -> String {
            String(decoding: rendering.budget.take(Array(text.utf8)), as: UTF8.self)
        }
        var alternatives: [Alternatives.Alternative] = []
        if !message.plain.isEmpty {
            alternatives.append(.init(type: "text/plain", rendition: Rendition(plain: bounded(message.plain))))
        }
        if !message.html.isEmpty {
            alternatives.append(.init(type: "text/html", rendition: Rendition(html: bounded(message.html))))
        }
        return Alternatives.shown(alternatives)
    }

    /// What Exchange would have written as text/calendar.
    private static func meeting(of message: TNEFMessage) -> CalendarObject? {
        guard let meeting = message.meeting, let start = time(meeting.start) else { return nil }
        let name = message.messageClass.lowercased()
        let methods: [(suffixes: [String], method: String, answer: String)] = [
            (["meeting.canceled", "mtgcncl"], "CANCEL", ""), (["resp.pos", "mtgrespp"], "REPLY", "ACCEPTED"),
            (["resp.neg", "mtgrespn"], "REPLY", "DECLINED"), (["resp.tent", "mtgrespa"], "REPLY", "TENTATIVE"),
            (["meeting.request", "mtgreq"], "REQUEST", ""),
        ]
        let found = methods.first { $0.suffixes.contains(where: name.hasSuffix) }
        func value(_ text: String) -> String {
            String(text.map { "\\;,".contains($0) ? "\\\($0)" : $0.isNewline ? " " : "\($0)" }.joined())
        }
        var lines = ["BEGIN:VCALENDAR", "METHOD:\(found?.method ?? "PUBLISH")", "BEGIN:VEVENT", "DTSTART:\(start)"]
        if let end = meeting.end.flatMap(time) { lines.append("DTEND:\(end)") }
        if let answer = found?.answer, !answer.isEmpty { lines.append("ATTENDEE;PARTSTAT=\(answer):") }
        lines += ["SUMMARY:\(value(message.subject))", "LOCATION:\(value(meeting.location))"]
        lines += ["END:VEVENT", "END:VCALENDAR"]
        return CalendarObject(Array(lines.joined(separator: "\r\n").utf8))
    }

    /// `20261126T090000Z`; nil beyond the years that are written so.
    private static func time(_ seconds: Int) -> String? { CalendarMoment.utc(seconds) }

    /// Text of a Windows code page.
    @Sendable private static func decode(_ bytes: [UInt8], _ codePage: Int) -> String {
        Charset.decode(bytes, label: CodePage.label(codePage))
    }
}
