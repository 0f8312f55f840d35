import Core
import Spool
import Store

extension IngestEntry {
    /// A message from the spool; its tail is read from there part by part.
    init(_ message: SpooledMessage) {
        let header = message.header
        self.init(
            company: header.company, thread: header.thread, entry: header.entry, direction: header.direction,
            acceptedAt: header.acceptedAt, size: message.size, host: header.host, queueID: header.queueID,
            matched: header.matched, spooledAt: message.seal.spooledAt, messageIDIndex: header.blindMessageID,
            payload: .content(
                Content(
                    dedupeKeys: message.seal.dedupeKeys, keyIDs: header.sealingKeyIDs,
                    senderIndex: header.senderIndex.isEmpty ? nil : header.senderIndex,
                    recipientIndices: header.recipientIndices,
                    indexVersion: header.indexVersion,
                    origin: message.seal.origin.map { ($0.keyID, $0.signature) }, head: message.head,
                    tailLength: message.tailLength,
                    readTail: { try message.readTail($0) })))
    }

    /// A delivery record without content. Nil where no marker named a company: there is nobody to keep it for.
    init?(_ report: Report, host: String) {
        guard let company = report.company, let thread = report.thread else { return nil }
        self.init(
            company: company, thread: thread, entry: report.entry, direction: report.direction,
            acceptedAt: report.time, size: report.size, host: host, queueID: report.queueID,
            matched: report.matched, spooledAt: report.spooledAt, messageIDIndex: report.messageIDIndex,
            payload: .record(report.outcome))
    }
}
