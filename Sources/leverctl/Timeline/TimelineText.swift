import Calendars
import Core
import MIME
import Reading
import Store

/// The heading of a timeline on a terminal.
func timelineTitle(company: CompanyRecord, candidate: Candidate, profile: CandidateProfile?, count: Int) -> String {
    let unnamed = candidate.anonymizedAt == nil ? "Candidate \(candidate.id)" : "(anonymous)"
    let name = profile.map { "\($0.name) <\($0.email)>" } ?? unnamed
    return "\(name), candidate \(candidate.id) of \(company.name): \(counted(count, "message"))".printable()
}

/// One message of a timeline, without a final line feed.
func timelineText(
    _ opened: OpenedEntry, _ reading: ReadingContext, _ screen: Screen, copies: MessageCopies, unfold: Bool
) -> String {
    let entry = opened.entry
    let words = [entry.direction.rawValue] + (entry.isSecret ? ["secret"] : []) + entry.labels.map(\.words)
    let rule = "── \(screen.text(entry.acceptedAt))  \(words.joined(separator: ", ")) "
    var lines = [rule + String(repeating: "─", count: max(3, 72 - rule.count))]

    if let removedAt = entry.removedAt {
        lines.append("   Entry  \(entry.entry)")
        lines.append("This message was removed, \(screen.text(removedAt)).")
        return lines.joined(separator: "\n")
    }
    guard let message = opened.message(reading) else {
        lines.append("   Entry  \(entry.entry)")
        lines.append("This message does not open: \(opened.problem ?? "")".printable())
        return lines.joined(separator: "\n")
    }
    let fields = [
        ("From", message.from), ("To", message.to), ("Cc", message.cc), ("Reply-To", message.replyTo),
        ("Subject", message.subject),
        ("Entry", "\(entry.entry), \(counted(entry.size, "byte"))"), ("Origin", opened.origin?.text ?? ""),
        ("Sender", entry.direction == .inbound ? entry.authentication.words : ""),
        ("Signature", message.signature?.text ?? ""), ("Encrypted", message.encryption?.words ?? ""),
    ]
    for (name, value) in fields where !value.isEmpty {
        lines.append(String(repeating: " ", count: 10 - name.count) + "\(name)  \(value.printable())")
    }
    if let text = copies.text {
        lines.append("    Copies  \(text); --copies shows each")
        for other in [copies.shown] + copies.others where other.entry != entry.entry {
            let verdict = other.direction == .inbound ? other.authentication.words : ""
            let words = ["\(other.entry)", screen.text(other.acceptedAt), counted(other.size, "byte"), verdict]
            lines.append("            " + words.filter { !$0.isEmpty }.joined(separator: ", "))
        }
    }
    for invitation in message.invitations where !message.showsInvitations {
        lines +=
            [""]
            + invitation.lines(zone: reading.timeZone).prefix { !$0.isEmpty }.map {
                "  " + $0.printable(keepingLines: true)
            }
    }
    for block in message.text {
        lines.append("")
        switch block {
        case .text(let text):
            lines.append(text.printable(keepingLines: true))
        case .quoted(let text, lines: _) where unfold:
            lines.append(text.printable(keepingLines: true))
        case .quoted(_, let count):
            lines.append("  [\(counted(count, "quoted line")); --unfold shows \(count == 1 ? "it" : "them")]")
        }
    }
    if !message.attachments.isEmpty {
        lines.append("")
        lines += message.attachments.map(attachmentText)
    }
    if let rest = omittedText(message.omitted) {
        lines.append("")
        lines.append("  [Not shown: \(rest); leverctl message export \(entry.entry) writes out all]")
    }
    return lines.joined(separator: "\n")
}

private func attachmentText(_ attachment: Message.Attachment) -> String {
    let name = attachment.name.isEmpty ? "(no name)" : attachment.name
    let facts = [name, attachment.type, counted(attachment.size, "byte")]
    let message = attachment.message.map { [$0.from, $0.date].filter { !$0.isEmpty } } ?? []
    return "  Attachment: \((facts + message).joined(separator: ", "))".printable()
}

/// What is too much to be shown; nil if that is nothing.
private func omittedText(_ omitted: Message.Omitted) -> String? {
    let parts = [
        omitted.textBytes > 0 ? "\(counted(omitted.textBytes, "more byte")) of text" : nil,
        omitted.attachments > 0 ? counted(omitted.attachments, "more attachment") : nil,
        omitted.fields > 0 ? "the rest of \(counted(omitted.fields, "header field"))" : nil,
    ].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
}

extension Authentication {
    /// The verdict in words, for a message from outside.
    fileprivate var words: String {
        switch self {
        case .pass: "authenticated"
        case .fail: "NOT who it claims to be: authentication failed"
        case .none: ""
        }
    }
}

extension Message.Encryption {
    fileprivate var words: String {
        switch self {
        case .smime: "with S/MIME"
        case .openpgp: "with OpenPGP"
        }
    }
}

extension MessageLabel {
    fileprivate var words: String {
        switch self {
        case .autoReply: "automatic"
        case .bounce: "bounce"
        case .list: "via a list"
        case .unknownSender: "sender is not the candidate"
        case .forward: "not to the candidate"
        case .spoofedSender: "forged company sender"
        case .learnedID: "without a marker"
        case .unsignedMarker: "external thread"
        case .sent: "sent with leverctl"
        }
    }
}
