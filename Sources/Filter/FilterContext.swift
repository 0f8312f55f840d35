public import Capture
public import Core
public import Inspection
import LibMilter
public import Observability
import Sealing
public import Spool
public import System

/// What all sessions share. Everything in it is immutable or guards itself.
public struct FilterContext: Sendable {
    public let options: Snapshot<FilterOptions>
    public let routing: Snapshot<Routing>
    public let learned: LearnedThreads
    public let spool: Spool
    public let dispositions: DispositionQueue
    public let log: EventLog
    public let metrics: FilterMetrics
    public let admission = Admission()
    let sealingKeys = SealingKeyCache()

    public init(
        options: Snapshot<FilterOptions>, routing: Snapshot<Routing>, learned: LearnedThreads, spool: Spool,
        dispositions: DispositionQueue, log: EventLog, metrics: FilterMetrics
    ) {
        self.options = options
        self.routing = routing
        self.learned = learned
        self.spool = spool
        self.dispositions = dispositions
        self.log = log
        self.metrics = metrics
    }

    /// What is under way at this moment.
    public var activity: FilterActivity {
        let options = options.current
        return FilterActivity(
            sessions: admission.sessions.count, sessionLimit: options.sessionLimit,
            messages: admission.messages.count, bytes: admission.bytesInFlight, byteLimit: options.inFlightLimit,
            learnedIDs: learned.threads.count, knownCandidates: learned.candidates.count,
            companies: routing.current.count, isStopping: admission.isClosed)
    }

    /// Ends a message that is not stored.
    func finish(_ disposition: Disposition) {
        metrics.ended(disposition.outcome, disposition.direction)
        log.finished(disposition)
        record(disposition)
    }

    /// Ends a message whose sender is asked to try again: with one line of the log, and a record for each company.
    func tempfail(_ dispositions: [Disposition], _ reply: MilterReply, _ error: any Error) {
        guard let first = dispositions.first else { return }
        metrics.tempfails.add(TempfailCause(error))
        log.tempfailed(first, code: reply.code, status: reply.status, error)
        for disposition in dispositions {
            metrics.ended(disposition.outcome, disposition.direction)
            record(disposition)
        }
    }

    private func record(_ disposition: Disposition) {
        dispositions.add(disposition)
        spool.wake()
    }
}
