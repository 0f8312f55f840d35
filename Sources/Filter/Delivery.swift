import Capture
import Core
import Glibc
import Spool
import Store
import Synchronization
import System

/// The delivery thread: takes waiting messages from the spool to the database, in batches, and keeps routing fresh.
/// Nothing that it waits for holds up mail.
///
/// The database away, or refusing for the moment: everything waits and is tried again, later each time. A message that
/// the database refuses for good goes to quarantine and does not hold up the others. What was delivered is kept for a
/// while, and brought again to a database that may have lost it.
final class Delivery: @unchecked Sendable {
    // Sendable: everything mutable here is used by the one thread that calls `run`; `stopping` is atomic.
    let context: FilterContext
    /// Those of this turn.
    private var options: Options
    private var backoff: Backoff
    private var connection: IngestSession?
    var done: DeliveredKeeper
    private let learned: LearnedThreadsUpdater
    /// Messages whose story is over, and whose files could not be moved or removed yet.
    private var finished: Set<PendingMove> = []
    /// What the database answered to the last batch, and is to be acted on.
    private var answered: [(Waiting, Outcome)] = []
    /// Messages that the disk keeps from being delivered, by when they are tried again: not at every wake-up, each of
    /// which would be one more alarm. In `MonotonicClock.seconds`.
    private var postponed: [String: Double] = [:]
    /// In `MonotonicClock.seconds`.
    private var routingDue = 0.0
    private var erasureDue = 0.0
    private let stopping = Atomic(false)
    private let reloading = Atomic(false)

    convenience init(context: FilterContext) {
        self.init(
            context: context,
            learned: LearnedThreadsUpdater(learned: context.learned, spool: context.spool, log: context.log))
    }

    /// `memory` may have been at work for the start; from here on it is this thread's.
    init(context: FilterContext, learned: LearnedThreadsUpdater) {
        self.context = context
        self.learned = learned
        options = context.options.current
        backoff = Backoff(options.retry)
        done = DeliveredKeeper(context: context, limit: options.done)
    }

    private var pollInterval: Double { Double(options.pollInterval) }

    /// Some calls of the database follow, perhaps one for each of its hosts, or a part of the spool.
    private func expectStep() {
        context.metrics.progress.expect(within: 10 * Double(options.databaseTimeout) + 60)
    }

    /// Works until `stop`.
    func run() {
        while !stopping.load(ordering: .acquiring) {
            if reloading.exchange(false, ordering: .acquiring) { reload() }
            expectStep()
            do {
                let connection = try connected()
                try refreshRouting(connection)
                try done.compare(connection)
                try learned.refresh(connection, context.routing.current)
                context.metrics.isDatabaseUp = true
                try deliverWaiting(connection)
                try discardErased(connection)
                try done.tidy(connection)
                backoff.reset()
                if wait(
                    seconds: min(pollInterval, done.interval, LearnedThreadsUpdater.interval), socket: connection.socket
                ) {
                    postponed = [:]
                }
            } catch {
                var generator = SystemRandomNumberGenerator()
                let pause = backoff.next(using: &generator)
                if error is DatabaseError {
                    connection = nil
                    context.log.databaseLost(error, retryIn: pause, waiting: (try? context.spool.waiting().count) ?? 0)
                } else {
                    if (error as? SpoolError)?.isFull == true { context.spool.requestRoom() }
                    context.log.spoolAlarm("\(error); tried again later")
                }
                backOff(seconds: pause)
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
        done.limit = new.done
        routingDue = 0
    }

    private func connected() throws -> IngestSession {
        if let connection { return connection }
        let new = try IngestSession(options.database, timeout: options.databaseTimeout)
        context.log.databaseReached()
        connection = new
        routingDue = 0
        done.compareNext()
        learned.connectionChanged()
        return new
    }

    // MARK: Routing

    private func refreshRouting(_ connection: IngestSession) throws {
        guard try connection.routingChanged() || MonotonicClock.seconds >= routingDue else { return }
        try connection.requireSchema()
        let generation = try connection.routingGeneration()
        let rows = try connection.routing()
        routingDue = MonotonicClock.seconds + pollInterval
        do {
            if try replaceRouting(rows) {
                context.log.routingLoaded(companies: context.routing.current.count)
                learned.routingChanged()
            }
            // In force, and on disk for the next start.
            try connection.acknowledgeRouting(generation: generation, host: options.host)
        } catch let error as DatabaseError {
            throw error
        } catch let error as SpoolError {
            context.log.routingNotSaved(error)
        } catch {
            context.log.routingFailed(error)
        }
    }

    private func replaceRouting(_ rows: [Routing.Row]) throws -> Bool {
        do {
            let isNew = try context.routing.replace(with: rows)
            context.metrics.routingConfirmed()
            return isNew
        } catch let error as SpoolError {
            // In force all the same.
            context.metrics.routingConfirmed()
            throw error
        }
    }

    // MARK: Delivery

    /// A message of the spool, and where it is there.
    private struct Waiting {
        let name: String
        let area: Spool.Area
        let message: SpooledMessage
    }

    /// A message whose story is over, and where its file still is.
    private struct PendingMove: Hashable {
        let name: String
        let area: Spool.Area
        let isErased: Bool
    }

    private func deliverWaiting(_ connection: IngestSession) throws {
        try deliverReports(connection)
        retryFinished()
        postponed = postponed.filter { $0.value > MonotonicClock.seconds }
        // First what the database had before.
        for area in [Spool.Area.redeliver, .new] {
            let over = Set(finished.filter { $0.area == area }.map(\.name))
            let names = try context.spool.waiting(in: area).filter { !over.contains($0) && postponed[$0] == nil }
            var rest = names[...]
            func openNext() -> [Waiting] {
                defer { rest = rest.dropFirst(options.batchLimit) }
                return open(rest.prefix(options.batchLimit), in: area)
            }
            defer { finishAnswered() }
            var next = openNext()
            while !next.isEmpty || !rest.isEmpty {
                guard !stopping.load(ordering: .acquiring) else { return }
                let batch = next
                next = []
                var isReady = false
                try deliver(batch, connection) { [self] in
                    finishAnswered()
                    next = openNext()
                    isReady = true
                }
                if !isReady { next = openNext() }
                done.tidyIfFull()
            }
            finishAnswered()
            if area == .redeliver, !names.isEmpty { done.redelivered() }
        }
    }

    /// The messages of these names; those that cannot be read stay where they are or, if damaged, go to quarantine.
    private func open(_ names: ArraySlice<String>, in area: Spool.Area) -> [Waiting] {
        names.compactMap { name in
            do {
                // Without it, an operator's command has the message, and wakes us when it leaves something to deliver.
                guard let message = try context.spool.claim(name, in: area) else { return nil }
                // What is in new/ was verified when it was written, or at the start.
                if area == .redeliver { try message.verify() }
                return Waiting(name: name, area: area, message: message)
            } catch let error as SpoolError where error.code != 0 {
                postpone(name, error)
            } catch {
                if quarantine(name, from: area, reason: "damaged: \(error)") {
                    context.log.spoolAlarm("spool file \(name) is damaged (\(error)); moved to quarantine")
                }
            }
            return nil
        }
    }

    /// `meanwhile` is called while the database works, or not at all.
    private func deliver(
        _ batch: [Waiting], _ connection: IngestSession, meanwhile: () -> Void = {}
    ) throws {
        guard !batch.isEmpty else { return }
        expectStep()
        do {
            let start = MonotonicClock.seconds
            let outcomes = try connection.ingest(batch.map { IngestEntry($0.message) }, meanwhile: meanwhile)
            context.metrics.deliveryBatches.observe(MonotonicClock.seconds - start)
            answered += zip(batch, outcomes)
        } catch let error as DatabaseError where !error.isTransient {
            // One of them is refused for good; alone, each shows whether it is the one.
            if batch.count > 1 {
                for single in batch { try deliver([single], connection) }
            } else {
                refuse(batch[0], .ingestRejected, reason: "\(error)")
            }
        } catch let error as SpoolError {
            // One of them cannot be read to its end. The others need not wait for it.
            if batch.count > 1 {
                for single in batch { try deliver([single], connection) }
            } else {
                postpone(batch[0].name, error)
            }
        }
    }

    private func finishAnswered() {
        for (message, outcome) in answered { finish(message, outcome) }
        answered = []
    }

    private func postpone(_ name: String, _ error: any Error) {
        context.log.spoolAlarm("\(error); tried again later")
        postponed[name] = MonotonicClock.seconds + pollInterval
    }

    /// The file first: a line in the log means that the story is over. What is brought again has its line already.
    private func finish(_ item: Waiting, _ outcome: Outcome) {
        switch outcome {
        case .captured, .duplicate, .erased:
            let place = PendingMove(name: item.name, area: item.area, isErased: outcome == .erased)
            do {
                try finishFile(place)
            } catch {
                context.log.spoolAlarm("\(error); tried again later")
                finished.insert(place)
            }
            if item.area == .new {
                context.log.delivered(outcome, item.message.header, size: item.message.size)
            } else if outcome == .erased {
                context.log.discarded(item.message.header, from: item.area)
            }
        default:
            refuse(item, outcome, reason: "the database answered \(outcome.rawValue)")
        }
    }

    private func finishFile(_ place: PendingMove) throws(SpoolError) {
        if place.isErased {
            try context.spool.remove(place.name, from: place.area)
        } else {
            try done.keep(place.name, from: place.area)
        }
    }

    /// Tries again; there was an alarm already.
    private func retryFinished() {
        finished = finished.filter { (try? finishFile($0)) == nil }
    }

    private func refuse(_ item: Waiting, _ outcome: Outcome, reason: String) {
        let message = item.message
        // Still in the spool: it will be refused again, and that will be the end of its story.
        guard quarantine(item.name, from: item.area, reason: "\(outcome.rawValue): \(reason)") else { return }
        context.log.quarantined(outcome, message.header, size: message.size, reason: reason)
        if outcome == .ingestRejected { context.reports.add(Disposition(outcome, message)) }
    }

    /// False if it could not be moved.
    private func quarantine(_ name: String, from area: Spool.Area, reason: String) -> Bool {
        do {
            try context.spool.quarantine(name, from: area, reason: reason)
            return true
        } catch  where error.isGone {
            context.log.movedByHand(name, area)
            return false
        } catch {
            postpone(name, error)
            return false
        }
    }

    private func deliverReports(_ connection: IngestSession) throws {
        while case let reports = context.reports.take(options.batchLimit), !reports.isEmpty {
            expectStep()
            do {
                _ = try connection.ingest(reports.compactMap { IngestEntry($0, host: options.host) })
            } catch let error as DatabaseError where !error.isTransient {
                context.log.recordsRefused(error)
            } catch {
                context.reports.restore(reports)
                throw error
            }
        }
    }

    /// What was erased is no longer kept here either: not in quarantine, and not with what was delivered.
    private func discardErased(_ connection: IngestSession) throws {
        let start = MonotonicClock.seconds
        guard start >= erasureDue else { return }
        let quarantined = try context.spool.quarantined()
        for start in stride(from: 0, to: quarantined.count, by: 1000) {
            let group = quarantined[start..<min(start + 1000, quarantined.count)]
            try discardErased(group, in: .quarantine, connection)
        }
        try context.spool.forEachDelivered(groupsOf: 1000) { try discardErased($0[...], in: .delivered, connection) }
        // However much is kept, most of the time is left for delivery.
        erasureDue = MonotonicClock.seconds + max(pollInterval, 20 * (MonotonicClock.seconds - start))
    }

    private func discardErased(
        _ group: ArraySlice<(name: String, header: SpoolHeader)>, in area: Spool.Area, _ connection: IngestSession
    ) throws {
        expectStep()
        let erased = try connection.erased(
            group.map { item in
                IngestSession.HeldMessage(
                    company: item.header.company, entry: item.header.entry, thread: item.header.thread,
                    acceptedAt: item.header.acceptedAt)
            })
        for (item, isErased) in zip(group, erased) where isErased {
            if area == .quarantine {
                try context.spool.discard(item.name)
            } else {
                try context.spool.remove(item.name, from: area)
            }
            context.log.discarded(item.header, from: area)
        }
    }

    // MARK: Waiting

    /// Waits for a message, a word from the database, or the time to be over. True if delivery is asked for now.
    private func wait(seconds: Double, socket: Int32?) -> Bool {
        context.metrics.progress.expect(within: seconds + 60)
        var descriptors = [pollfd(fd: context.spool.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        if let socket { descriptors.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        poll(&descriptors, nfds_t(descriptors.count), Int32((max(0, seconds) * 1000).rounded(.up)))
        defer { done.makeRoom() }
        return context.spool.takeWakes()
    }

    /// Waits although messages arrive, but not when asked to deliver now, or to stop.
    private func backOff(seconds: Double) {
        let end = MonotonicClock.seconds + seconds
        while case let left = end - MonotonicClock.seconds, left > 0, !stopping.load(ordering: .acquiring) {
            if wait(seconds: left, socket: nil) { return }
        }
    }
}
