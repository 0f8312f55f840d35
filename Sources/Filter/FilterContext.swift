import Core
import Inspection
import Metrics
import Sealing
import Spool

/// What all sessions share. Everything in it is immutable or guards itself.
struct FilterContext: Sendable {
    let options: Snapshot<Options>
    let routing: RoutingTable
    let memory: ThreadMemory
    let spool: Spool
    let log: EventLog
    let counters = CounterTable<Unread>()
    let admission = Admission()
    let reports = ReportQueue()
    let sealingKeys = SealingKeyCache()

    var metrics: DaemonMetrics { log.metrics }

    /// Ends the story of a message that is not stored.
    func report(_ report: Report) {
        log.finished(report)
        reports.add(report)
        spool.wake()
    }
}
