import Calendars
import Core
import MIME
import Reading
import Store

/// One message of a timeline as people are shown it, whatever the form: what there is to say, in words and in order.
/// Texts are as the sender wrote them; each form makes them safe for what it writes.
struct ShownMessage {
    struct Field {
        let name: String
        let value: String
        /// The reader must not overlook it.
        var isWarning = false
    }

    let entry: TimelineEntry
    /// On the reader's clock.
    let time: String
    /// Direction, `secret`, and labels.
    let words: [String]
    let hasWarning: Bool
    let fields: [Field]
    /// The other copies, a line each, after one that counts them.
    let copies: [String]
    /// Why nothing more is shown; nil if the message opens.
    let missing: String?
    /// A line for each fact. None where they are the text.
    let invitations: [[String]]
    let text: [Message.Block]
    let attachments: [String]
    /// What is too much to be shown.
    let omitted: String?
}

extension ShownMessage {
    /// - Parameter isDetailed: With what only one who looks at this very message wants to know.
    init(
        _ opened: OpenedEntry, _ reading: ReadingContext, _ clock: ReaderClock, copies group: MessageCopies,
        isDetailed: Bool = false
    ) {
        entry = opened.entry
        time = clock.text(entry.acceptedAt)
        words = [entry.direction.rawValue] + (entry.isSecret ? ["secret"] : []) + entry.labels.map(\.words)
        hasWarning = entry.labels.contains(.spoofedSender)
        let message = opened.message(reading)
        let place = [
            Field(name: "Entry", value: "\(entry.entry)" + (message == nil ? "" : ", \(byteCount(entry.size))")),
            Field(name: "Thread", value: "\(entry.thread)" + (entry.isSecret ? ", secret" : "")),
        ]
        guard let message else {
            missing =
                entry.removedAt.map { "This message was removed, \(clock.text($0))." }
                ?? "This message does not open: \(opened.problem ?? "")"
            (fields, copies, invitations, text, attachments, omitted) = (place, [], [], [], [], nil)
            return
        }
        missing = nil
        fields =
            (Self.header(of: message, isDetailed) + place
            + Self.verdicts(on: opened, message) + (isDetailed ? Self.storage(of: entry, clock) : []))
            .filter { !$0.value.isEmpty }
        copies = Self.copies(of: entry, group, clock)
        invitations =
            message.showsInvitations
            ? [] : message.invitations.map { Array($0.lines(zone: reading.timeZone).prefix { !$0.isEmpty }) }
        text = message.text
        attachments = message.attachments.map(Self.text)
        omitted = Self.text(message.omitted)
    }

    private static func header(of message: Message, _ isDetailed: Bool) -> [Field] {
        [
            Field(name: "From", value: message.from), Field(name: "To", value: message.to),
            Field(name: "Cc", value: message.cc), Field(name: "Reply-To", value: message.replyTo),
            Field(name: "Subject", value: message.subject),
        ]
            + (isDetailed
                ? [Field(name: "Date", value: message.date), Field(name: "Message-ID", value: message.messageID)] : [])
    }

    /// How far the message is what it seems to be.
    private static func verdicts(on opened: OpenedEntry, _ message: Message) -> [Field] {
        let entry = opened.entry
        var isWrong = false
        if case .wrong = opened.origin { isWrong = true }
        return [
            Field(name: "Origin", value: opened.origin?.text ?? "", isWarning: isWrong),
            Field(
                name: "Sender", value: entry.direction == .inbound ? entry.authentication.words : "",
                isWarning: entry.authentication == .fail),
            Field(
                name: "Signature", value: message.signature?.text ?? "",
                isWarning: message.signature.map { signed in
                    switch signed.signature.state {
                    case .notChecked: false
                    case .valid: !signed.isByAuthor
                    case .invalid: true
                    }
                } ?? false),
            Field(name: "Encrypted", value: message.encryption?.words ?? ""),
        ]
    }

    private static func storage(of entry: TimelineEntry, _ clock: ReaderClock) -> [Field] {
        [
            Field(name: "Accepted", value: "by \(entry.host) as \(entry.queueID)"),
            Field(name: "Stored", value: clock.text(entry.storedAt)),
            Field(name: "Sealed to", value: entry.keyIDs.map { "key \($0.hex)" }.joined(separator: ", ")),
        ]
    }

    private static func copies(of entry: TimelineEntry, _ group: MessageCopies, _ clock: ReaderClock) -> [String] {
        guard let text = group.text else { return [] }
        return [text]
            + ([group.shown] + group.others).filter { $0.entry != entry.entry }.map { other in
                let verdict = other.direction == .inbound ? other.authentication.words : ""
                return ["\(other.entry)", clock.text(other.acceptedAt), byteCount(other.size), verdict]
                    .filter { !$0.isEmpty }.joined(separator: ", ")
            }
    }

    private static func text(_ attachment: Message.Attachment) -> String {
        let name = attachment.name.isEmpty ? "(no name)" : attachment.name
        let message = attachment.message.map { [$0.from, $0.date].filter { !$0.isEmpty } } ?? []
        return ([name, attachment.type, byteCount(attachment.size)] + message).joined(separator: ", ")
    }

    /// Nil if nothing is left out.
    private static func text(_ omitted: Message.Omitted) -> String? {
        let parts = [
            omitted.textBytes > 0 ? "\(counted(omitted.textBytes, "more byte")) of text" : nil,
            omitted.attachments > 0 ? counted(omitted.attachments, "more attachment") : nil,
            omitted.fields > 0 ? "the rest of \(counted(omitted.fields, "header field"))" : nil,
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}

/// A number of bytes for people: `9 bytes`, `24 kB`, `2.3 MB`.
func byteCount(_ count: Int) -> String {
    switch count {
    case ..<10_000: counted(count, "byte")
    case ..<999_500: "\((count + 500) / 1000) kB"
    default: "\((count + 50_000) / 1_000_000).\((count + 50_000) / 100_000 % 10) MB"
    }
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
