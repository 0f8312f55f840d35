import Capture
import Store

extension IngestEntry {
    /// A delivery record without content. Nil if no marker named a company: the record would be nobody's.
    init?(_ disposition: Disposition, host: String) {
        guard let company = disposition.company, let thread = disposition.thread else { return nil }
        self.init(
            company: company, thread: thread, entry: disposition.entry, direction: disposition.direction,
            acceptedAt: disposition.time, size: disposition.size, host: host, queueID: disposition.queueID,
            matched: disposition.matched, spooledAt: disposition.spooledAt,
            messageIDIndex: disposition.messageIDIndex, payload: .record(disposition.outcome))
    }
}
