import Core
import Sealing
import Spool

/// What all sessions share. Everything in it is immutable or guards itself.
struct FilterContext: Sendable {
    let routing: RoutingTable
    let spool: Spool
    let log: EventLog
    let counters: Counters
    /// Messages between DATA and their end.
    let inFlight: WaitGroup
    let reports: ReportQueue
    let markerDomains: [String]
    /// Bytes.
    let messageSizeLimit: Int
    /// This mail host's name.
    let host: String
    /// Signs what this host stores; nil where the configuration names none.
    let signingKey: SigningKey?

    /// Ends the story of a message that is not stored.
    func report(_ report: Report) {
        log.finished(report)
        reports.add(report)
        spool.wake()
    }
}
