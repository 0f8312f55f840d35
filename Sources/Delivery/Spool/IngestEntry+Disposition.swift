import Capture
import Core
import Store

extension IngestEntry {
    /// A delivery record without content. Nil if no marker named a company: the record would be nobody's.
    init?(_ disposition: Disposition, host: String) {
        guard let company = disposition.company, let thread = disposition.thread else { return nil }
        var record = MessageRecord(
            company: company, thread: thread, entry: disposition.entry, acceptedAt: disposition.time, host: host,
            queueID: disposition.queueID)
        record.direction = disposition.direction
        record.size = disposition.size
        record.matched = disposition.matched
        record.spooledAt = disposition.spooledAt
        record.blindMessageID = disposition.messageIDIndex
        self.init(record, .outcome(disposition.outcome))
    }
}
