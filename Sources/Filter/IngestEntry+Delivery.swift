import Capture
import Core
import Inspection
import Spool
import Store

extension IngestEntry {
    /// A message from the spool; its tail is read from there part by part.
    init(_ message: SpooledMessage) {
        self.init(
            message.header, message.seal, spooledAt: message.seal.spooledAt, head: message.head,
            tailLength: message.tailLength, readTail: { try message.readTail($0) })
    }

    /// A delivery record without content. Nil where no marker named a company: there is nobody to keep it for.
    init?(_ report: Disposition, host: String) {
        guard let company = report.company, let thread = report.thread else { return nil }
        self.init(
            company: company, thread: thread, entry: report.entry, direction: report.direction,
            acceptedAt: report.time, size: report.size, host: host, queueID: report.queueID,
            matched: report.matched, spooledAt: report.spooledAt, messageIDIndex: report.messageIDIndex,
            payload: .record(report.outcome))
    }
}
