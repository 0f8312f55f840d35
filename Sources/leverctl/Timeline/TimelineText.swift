import Core
import MIME

/// A timeline in plain lines: for a terminal as wide as that is, else as they come.
struct TimelineText: TimelineForm {
    let screen: Screen
    let showsQuotations: Bool
    /// Of one message that is looked at by itself.
    var isDetailed = false

    /// The columns of names of fields, and of what stands after them.
    private static let (nameColumns, valueColumn) = (10, 12)

    func beginning(_ heading: TimelineHeading) -> String {
        screen.style(heading.text.printable().wrapped(to: width), .title) + "\n"
    }

    let ending = ""

    func message(_ message: ShownMessage) -> String {
        var lines = (isDetailed ? [] : [""]) + rule(message)
        for field in message.fields {
            // What the sender chose is faint nowhere: it is what people read.
            lines += self.lines(field.name, field.value, field.isWarning ? .warning : nil)
        }
        if let missing = message.missing {
            lines += missing.printable().wrapped(to: width).lines.map { screen.style($0, .warning) }
            return lines.joined(separator: "\n") + "\n"
        }
        for (place, copy) in message.copies.enumerated() {
            lines += self.lines(
                place == 0 ? "Copies" : "", place == 0 && !isDetailed ? "\(copy); --copies shows each" : copy, nil)
        }
        for invitation in message.invitations {
            lines += [""] + invitation.flatMap { "  \($0)".shown(width) }
        }
        for block in message.text { lines += [""] + self.lines(block) }
        if !message.attachments.isEmpty { lines += [""] + attachments(message) }
        if let omitted = message.omitted {
            let note = "  [Not shown: \(omitted); leverctl message export \(message.entry.entry) writes out all]"
            lines += [""] + note.shown(width)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Lines are no longer on a very wide terminal: people do not read them.
    private var width: Int? { screen.columns.map { min(max($0, 40), 120) } }

    /// A line across, with the time, the direction and the labels; those that are too long for it stand below.
    private func rule(_ message: ShownMessage) -> [String] {
        let start = "── \(message.time)  "
        let words = message.words.joined(separator: ", ").wrapped(to: width.map { max($0 - start.count, 10) }).lines
        let end = String(repeating: "─", count: max(width == nil ? 3 : 0, (width ?? 72) - start.count - words[0].count - 1))
        let meaning: Style.Meaning =
            message.hasWarning ? .warning : message.entry.direction == .inbound ? .inbound : .outbound
        let first = screen.style(start, .faint) + screen.style(words[0], meaning) + " " + screen.style(end, .faint)
        let below = String(repeating: " ", count: start.count)
        return [first] + words.dropFirst().map { below + screen.style($0, meaning) }
    }

    /// A field, on as many lines as it takes.
    private func lines(_ name: String, _ value: String, _ meaning: Style.Meaning?) -> [String] {
        let blanks = String(repeating: " ", count: Self.nameColumns - name.count)
        let values = value.printable().wrapped(to: width.map { $0 - Self.valueColumn }).lines
        return values.enumerated().map { place, value in
            let isFirst = place == 0 && !name.isEmpty
            let start =
                isFirst ? blanks + screen.style(name, .faint) + "  " : String(repeating: " ", count: Self.valueColumn)
            return start + (meaning.map { screen.style(value, $0) } ?? value)
        }
    }

    private func lines(_ block: Message.Block) -> [String] {
        switch block {
        case .text(let text): text.shown(width)
        case .quoted(let text, lines: _) where showsQuotations: text.shown(width).map { screen.style($0, .faint) }
        case .quoted(_, let count):
            [
                screen.style(
                    "  [\(counted(count, "quoted line")); --unfold shows \(count == 1 ? "it" : "them")]", .faint)
            ]
        }
    }

    private func attachments(_ message: ShownMessage) -> [String] {
        guard isDetailed else {
            return message.attachments.flatMap { "  Attachment: \($0)".shown(width, inOneLine: true) }
        }
        return message.attachments.enumerated().flatMap {
            "  Attachment \($0 + 1): \($1)".shown(width, inOneLine: true)
        } + "  leverctl message attachments \(message.entry.entry) --save DIRECTORY saves them.".shown(width)
    }
}

extension String {
    /// Printable lines, none wider than the terminal if it can be helped.
    fileprivate func shown(_ width: Int?, inOneLine: Bool = false) -> [String] {
        printable(keepingLines: !inOneLine).wrapped(to: width).lines
    }

    fileprivate var lines: [String] { split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
}
