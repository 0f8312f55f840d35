import Core
import Foundation
import MIME
import Reading
import Store

/// The output of `timeline --json`.
struct TimelineRecord: Encodable {
    let company: String
    let candidate: Int64
    let name: String?
    let email: String?
    var messages: [EntryRecord] = []

    init(company: CompanyRecord, candidate: CandidateID, profile: CandidateProfile?) {
        self.company = company.name
        self.candidate = candidate.rawValue
        name = profile?.name
        email = profile?.email
    }
}

/// One message. If it does not open, what is inside it is missing.
struct EntryRecord: Encodable {
    struct Block: Encodable {
        let quoted: Bool
        let text: String
    }

    struct Attachment: Encodable {
        let name: String
        let type: String
        /// Decoded bytes.
        let size: Int
    }

    /// What is too much to be shown; the raw message has it.
    struct Omitted: Encodable {
        let textBytes: Int
        let attachments: Int
        /// Header fields that are cut.
        let fields: Int
    }

    let entry: String
    let thread: Int64
    let direction: String
    let time: String
    /// Bytes of the raw message.
    let size: Int
    let secret: Bool
    /// The trusted hosts' verdict on the sender: `pass`, `fail` or `none`.
    let authentication: String
    let labels: [String]
    /// The other entries that are copies of the same message.
    let copies: [String]
    /// When its content was erased; missing while it is there.
    let removedAt: String?
    /// `verified`, `unsigned` or `wrong`, and the reason if it is wrong.
    let origin: String?
    let originProblem: String?

    let from: String?
    let to: String?
    let cc: String?
    let date: String?
    let subject: String?
    let messageID: String?
    let text: [Block]?
    let attachments: [Attachment]?
    /// Missing if all of it is here.
    let omitted: Omitted?
    /// Base64.
    let raw: String?
    /// Why it does not open; missing if it does.
    let error: String?

    init(_ opened: OpenedEntry, copies group: MessageCopies, withRaw: Bool) {
        let message = opened.message
        entry = opened.entry.entry.description
        thread = opened.entry.thread.rawValue
        direction = opened.entry.direction.rawValue
        time = opened.entry.acceptedAt.description
        size = opened.entry.size
        secret = opened.entry.isSecret
        authentication = opened.entry.authentication.rawValue
        labels = opened.entry.labels.map(\.rawValue)
        copies = ([group.shown] + group.others).map(\.entry).filter { $0 != opened.entry.entry }.map(\.description)
        removedAt = opened.entry.removedAt?.description
        origin = opened.origin?.name
        originProblem = if case .wrong(let reason) = opened.origin { reason } else { nil }
        from = message?.from
        to = message?.to
        cc = message?.cc
        date = message?.date
        subject = message?.subject
        messageID = message?.messageID
        text = message?.text.map {
            switch $0 {
            case .text(let text): Block(quoted: false, text: text)
            case .quoted(let text, lines: _): Block(quoted: true, text: text)
            }
        }
        attachments = message?.attachments.map { Attachment(name: $0.name, type: $0.type, size: $0.size) }
        omitted = message.flatMap { message in
            let omitted = message.omitted
            return omitted.isNothing
                ? nil
                : Omitted(textBytes: omitted.textBytes, attachments: omitted.attachments, fields: omitted.fields)
        }
        raw = withRaw ? (try? opened.raw?.get()).map { Data($0).base64EncodedString() } : nil
        error = opened.problem
    }
}
