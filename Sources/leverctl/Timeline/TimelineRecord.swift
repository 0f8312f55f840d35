import Core
import Foundation
import MIME
import Reading
import Store

/// The output of `timeline --json`, into whose list the messages are printed one by one.
struct TimelineRecord: Encodable {
    let company: String
    let candidate: Int64
    let name: String?
    let email: String?
    let messages: [EntryRecord] = []

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
        /// Missing if it is no message.
        let message: AttachedMessage?

        init(_ attachment: Message.Attachment) {
            name = attachment.name
            type = attachment.type
            size = attachment.size
            message = attachment.message.map { AttachedMessage(from: $0.from, date: $0.date, subject: $0.subject) }
        }
    }

    struct AttachedMessage: Encodable {
        let from: String
        let date: String
        let subject: String
    }

    /// What became of a message that was sent.
    struct DeliveryReport: Encodable {
        /// `failed`, `delayed`, `delivered`, `relayed`, `expanded`, `displayed`, `deleted`, `dispatched`, `processed` or
        /// `denied`.
        let event: String
        let recipient: String
        let status: String
        let diagnostic: String
        let host: String

        init(_ report: Message.DeliveryReport) {
            event = report.event.rawValue
            recipient = report.recipient
            status = report.status
            diagnostic = report.diagnostic
            host = report.host
        }
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
    /// Missing if the message has none.
    let replyTo: String?
    let date: String?
    let subject: String?
    let messageID: String?
    let text: [Block]?
    let attachments: [Attachment]?
    /// Missing if there are none.
    let deliveryReports: [DeliveryReport]?
    /// Missing if there are none.
    let invitations: [InvitationRecord]?
    /// Missing if nothing is signed.
    let signature: SignatureRecord?
    /// `smime` or `openpgp`; missing if nothing is encrypted.
    let encryption: String?
    /// Missing if all of it is here.
    let omitted: Omitted?
    /// Base64.
    let raw: String?
    /// Why it does not open; missing if it does.
    let error: String?

    init(_ opened: OpenedEntry, _ reading: ReadingContext, copies group: MessageCopies, withRaw: Bool) {
        let message = opened.message(reading)
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
        replyTo = message.flatMap { $0.replyTo.isEmpty ? nil : $0.replyTo }
        date = message?.date
        subject = message?.subject
        messageID = message?.messageID
        text = message?.text.map {
            switch $0 {
            case .text(let text): Block(quoted: false, text: text)
            case .quoted(let text, lines: _): Block(quoted: true, text: text)
            }
        }
        attachments = message?.attachments.map(Attachment.init)
        deliveryReports = message.flatMap { message in
            message.deliveryReports.isEmpty ? nil : message.deliveryReports.map(DeliveryReport.init)
        }
        invitations = message.flatMap { message in
            message.invitations.isEmpty ? nil : message.invitations.map(InvitationRecord.init)
        }
        signature = message?.signature.map(SignatureRecord.init)
        encryption = message?.encryption?.rawValue
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
