import Core
import MIME

/// A timeline in Markdown. All that others wrote stands in indented code, which every Markdown program shows as it is:
/// it can make no links, images, headings or HTML. Long lines are broken, because programs do not break those of code.
struct TimelineMarkdown: TimelineForm {
    private static let columns = 100

    func beginning(_ heading: TimelineHeading) -> String {
        """
        # Timeline

        \(Self.code("\(heading.name)\nCandidate \(heading.candidate) of \(heading.company): \(heading.extent)"))

        Written by leverctl, \(heading.writtenAt).

        """
    }

    let ending = ""

    func message(_ message: ShownMessage) -> String {
        var parts = ["## \(message.time), \(message.words.joined(separator: ", "))"]
        let width = (message.fields.map(\.name.count) + ["Copies".count]).max()! + 2
        var fields = message.fields.map { field in
            Self.field(field.name, field.isWarning ? "! \(field.value)" : field.value, width)
        }
        for (place, copy) in message.copies.enumerated() {
            fields.append(Self.field(place == 0 ? "Copies" : "", copy, width))
        }
        parts.append(Self.code(fields.joined(separator: "\n")))
        if let missing = message.missing { parts.append(Self.code(missing)) }
        for invitation in message.invitations {
            parts += ["Invitation:", Self.code(invitation.joined(separator: "\n"))]
        }
        for block in message.text {
            switch block {
            case .text(let text): parts += ["Text:", Self.code(text)]
            case .quoted(let text, let count): parts += ["Quoted, \(counted(count, "line")):", Self.code(text)]
            }
        }
        if !message.attachments.isEmpty {
            let list = message.attachments.map { $0.printable() }.joined(separator: "\n")
            parts += ["Attachments:", Self.code(list)]
        }
        if let omitted = message.omitted { parts.append("Not shown: \(omitted).") }
        return "\n" + parts.joined(separator: "\n\n") + "\n"
    }

    private static func field(_ name: String, _ value: String, _ width: Int) -> String {
        let start = name + String(repeating: " ", count: width - name.count)
        let lines = value.printable().wrapped(to: columns - width).split(separator: "\n")
        return start + lines.joined(separator: "\n" + String(repeating: " ", count: width))
    }

    /// Each line behind four blanks, so that no line can end the code. Tabs would count for more.
    private static func code(_ text: String) -> String {
        text.printable(keepingLines: true).replacing("\t", with: "    ").wrapped(to: columns)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.allSatisfy { $0 == " " } ? "" : "    \($0)" }.joined(separator: "\n")
    }
}
