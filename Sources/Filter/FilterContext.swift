import Capture
import Core
import Inspection
import DaemonMetrics
import Sealing
import Spool
import System

/// What all sessions share. Everything in it is immutable or guards itself.
struct FilterContext: Sendable {
    let options: Snapshot<Options>
    let routing: RoutingTable
    let learned: LearnedThreads
    let spool: Spool
    let log: EventLog
    let counters = CounterTable<Unread>()
    let admission = Admission()
    let reports = DispositionQueue()
    let sealingKeys = SealingKeyCache()

    var metrics: FilterMetrics { log.metrics }

    /// Ends the story of a message that is not stored.
    func report(_ report: Disposition) {
        log.finished(report)
        reports.add(report)
        spool.wake()
    }
}
