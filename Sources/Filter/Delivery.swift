import Core
import Glibc
import Spool
import Store
import Synchronization

/// The delivery thread: takes waiting messages from the spool to the database, in batches, and keeps routing fresh.
/// Nothing that it waits for holds up mail.
///
/// The database away, or refusing for the moment: everything waits and is tried again, later each time. A message that
/// the database refuses for good goes to quarantine and does not hold up the others.
final class Delivery: @unchecked Sendable {
    // Sendable: everything mutable here is used by the one thread that calls `run`; `stopping` is atomic.
    private let context: FilterContext
    /// Those of this turn.
    private var options: Options
    private var backoff: Backoff
    private var connection: IngestConnection?
    /// In `MonotonicClock.seconds`.
    private var routingDue = 0.0
    private var erasureDue = 0.0
    private let stopping = Atomic(false)
    private let reloading = Atomic(false)

    /// `connection`: one that is open already, if the start made one.
    init(context: FilterContext, connection: IngestConnection?) {
        self.context = context
        options = context.options.current
        backoff = Backoff(options.retry)
        self.connection = connection
    }

    /// Works until `stop`.
    func run() {
        while !stopping.load(ordering: .acquiring) {
            if reloading.exchange(false, ordering: .acquiring) { reload() }
            do {
                let connection = try connected()
                try refreshRouting(connection)
                try deliverWaiting(connection)
                try discardErased(connection)
                backoff.reset()
                _ = wait(seconds: Double(options.pollInterval), socket: connection.socket)
            } catch {
                var generator = SystemRandomNumberGenerator()
                let pause = backoff.next(using: &generator)
                if error is DatabaseError {
                    connection = nil
                    context.log.databaseLost(error, retryIn: pause, waiting: (try? context.spool.waiting().count) ?? 0)
                } else {
                    context.log.spoolAlarm("\(error); tried again later")
                }
                waitOut(seconds: pause)
            }
        }
    }

    /// Ends `run` after the batch at hand. Any thread.
    func stop() {
        stopping.store(true, ordering: .releasing)
        context.spool.wake()
    }

    /// Takes the options in force, and reads routing again, soon. Any thread.
    func reloadSoon() {
        reloading.store(true, ordering: .releasing)
        context.spool.wakeUrgently()
    }

    private func reload() {
        let new = context.options.current
        if new.database != options.database { connection = nil }
        options = new
        backoff = Backoff(new.retry)
        routingDue = 0
    }

    private func connected() throws -> IngestConnection {
        if let connection { return connection }
        let new = try IngestConnection(options.database)
        context.log.databaseReached()
        connection = new
        routingDue = 0
        return new
    }

    // MARK: Routing

    private func refreshRouting(_ connection: IngestConnection) throws {
        guard try connection.routingChanged() || MonotonicClock.seconds >= routingDue else { return }
        let generation = try connection.routingGeneration()
        let rows = try connection.routing()
        routingDue = MonotonicClock.seconds + Double(options.pollInterval)
        do {
            if try context.routing.replace(with: rows) {
                context.log.routingLoaded(companies: context.routing.current.count)
            }
            // In force, and on disk for the next start.
            try connection.acknowledgeRouting(generation: generation, host: options.host)
        } catch let error as DatabaseError {
            throw error
        } catch let error as SpoolError {
            context.log.spoolAlarm("the copy of routing on disk is not up to date: \(error)")
        } catch {
            context.log.routingFailed(error)
        }
    }

    // MARK: Delivery

    private func deliverWaiting(_ connection: IngestConnection) throws {
        try deliverReports(connection)
        let names = try context.spool.waiting()
        for start in stride(from: 0, to: names.count, by: options.batchLimit) {
            guard !stopping.load(ordering: .acquiring) else { return }
            try deliver(open(names[start..<min(start + options.batchLimit, names.count)]), connection)
        }
    }

    /// The messages of these names; those that cannot be read stay where they are or, if damaged, go to quarantine.
    private func open(_ names: ArraySlice<String>) -> [(name: String, message: SpooledMessage)] {
        names.compactMap { name in
            do {
                return (name, try context.spool.open(name))
            } catch let error as SpoolError where error.code != 0 {
                context.log.spoolAlarm("\(error); tried again later")
            } catch {
                if quarantine(name, reason: "damaged: \(error)") {
                    context.log.spoolAlarm("spool file \(name) is damaged (\(error)); moved to quarantine")
                }
            }
            return nil
        }
    }

    private func deliver(_ batch: [(name: String, message: SpooledMessage)], _ connection: IngestConnection) throws {
        guard !batch.isEmpty else { return }
        do {
            let outcomes = try connection.ingest(batch.map { IngestEntry($0.message) })
            for ((name, message), outcome) in zip(batch, outcomes) { finish(name, message, outcome) }
        } catch let error as DatabaseError where !error.isTransient {
            // One of them is refused for good; alone, each shows whether it is the one.
            if batch.count > 1 {
                for single in batch { try deliver([single], connection) }
            } else {
                refuse(batch[0].name, batch[0].message, .ingestRejected, reason: "\(error)")
            }
        } catch let error as SpoolError {
            context.log.spoolAlarm("\(error); tried again later")
        }
    }

    private func finish(_ name: String, _ message: SpooledMessage, _ outcome: Outcome) {
        switch outcome {
        case .captured, .duplicate, .erased:
            // The file first: a line in the log means that the story is over.
            do { try context.spool.remove(name) } catch { context.log.spoolAlarm("\(error)") }
            context.log.delivered(outcome, message.header, size: message.size)
        default:
            refuse(name, message, outcome, reason: "the database answered \(outcome.rawValue)")
        }
    }

    private func refuse(_ name: String, _ message: SpooledMessage, _ outcome: Outcome, reason: String) {
        // Still in the spool: it will be refused again, and that will be the end of its story.
        guard quarantine(name, reason: "\(outcome.rawValue): \(reason)") else { return }
        context.log.quarantined(outcome, message.header, size: message.size, reason: reason)
        if outcome == .ingestRejected { context.reports.add(Report(outcome, message.header, size: message.size)) }
    }

    /// False if it could not be moved.
    private func quarantine(_ name: String, reason: String) -> Bool {
        do {
            try context.spool.quarantine(name, reason: reason)
            return true
        } catch {
            context.log.spoolAlarm("\(error); tried again later")
            return false
        }
    }

    private func deliverReports(_ connection: IngestConnection) throws {
        while case let reports = context.reports.take(options.batchLimit), !reports.isEmpty {
            do {
                _ = try connection.ingest(reports.compactMap { IngestEntry($0, host: options.host) })
            } catch let error as DatabaseError where !error.isTransient {
                context.log.spoolAlarm("the database refuses delivery records: \(error)")
            } catch {
                context.reports.restore(reports)
                throw error
            }
        }
    }

    /// What was erased is no longer kept in quarantine either.
    private func discardErased(_ connection: IngestConnection) throws {
        guard MonotonicClock.seconds >= erasureDue else { return }
        erasureDue = MonotonicClock.seconds + Double(options.pollInterval)
        let quarantined = try context.spool.quarantined()
        for start in stride(from: 0, to: quarantined.count, by: 1000) {
            let part = quarantined[start..<min(start + 1000, quarantined.count)]
            let erased = try connection.erased(
                part.map { item in
                    IngestConnection.Held(
                        company: item.header.company, entry: item.header.entry, thread: item.header.thread,
                        acceptedAt: item.header.acceptedAt)
                })
            for (item, isErased) in zip(part, erased) where isErased {
                try context.spool.discard(item.name)
                context.log.discarded(item.header)
            }
        }
    }

    // MARK: Waiting

    /// Waits for a message, a word from the database, or the time to be over. True if delivery is asked for now.
    private func wait(seconds: Double, socket: Int32?) -> Bool {
        var descriptors = [pollfd(fd: context.spool.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        if let socket { descriptors.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        poll(&descriptors, nfds_t(descriptors.count), Int32((max(0, seconds) * 1000).rounded(.up)))
        return context.spool.takeWakes()
    }

    /// Waits although messages arrive, but not when asked to deliver now, or to stop.
    private func waitOut(seconds: Double) {
        let end = MonotonicClock.seconds + seconds
        while case let left = end - MonotonicClock.seconds, left > 0, !stopping.load(ordering: .acquiring) {
            if wait(seconds: left, socket: nil) { return }
        }
    }
}
