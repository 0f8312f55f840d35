import Glibc
import Spool
import Store
import Synchronization
import System

/// The delivery thread: takes waiting messages from the spool to the database, and keeps everything fresh that comes
/// from there. The only thread of the daemon that talks to the database; nothing that it waits for holds up mail.
///
/// If the database is away, or refuses for the moment, everything waits and is tried again, at growing intervals.
public final class DeliveryThread: @unchecked Sendable {
    // Sendable: `stopping` and `reloading` are atomic; everything else mutable belongs to the thread that calls `run`.
    private let context: DeliveryContext
    /// Of this turn.
    private var options: DeliveryOptions
    private var backoff: Backoff
    private var connection: IngestSession?
    private let routing: RoutingRefresher
    private let learned: LearnedThreadsUpdater
    private let delivered: DeliveredKeeper
    private let spool: SpoolDelivery
    private let erasure: ErasureSweep
    private var holdUps: [Task: HoldUp] = [:]
    /// In `MonotonicClock.seconds`.
    private var turnStart = 0.0
    private let stopping = Atomic(false)
    private let reloading = Atomic(false)

    /// `learned` may have been in use while the daemon started; from here on it is this thread's.
    public init(context: DeliveryContext, learned: LearnedThreadsUpdater) {
        self.context = context
        self.learned = learned
        let options = context.options.current
        self.options = options
        backoff = Backoff(options.retry)
        routing = RoutingRefresher(context: context, interval: options.pollInterval)
        delivered = DeliveredKeeper(context: context, limit: options.deliveredLimit)
        spool = SpoolDelivery(context: context, delivered: delivered) { learned.forget($0) }
        erasure = ErasureSweep(context: context, interval: options.pollInterval)
    }

    /// Works until `stop`. Blocks; call it on a thread of its own.
    public func run() {
        while !isStopping {
            if reloading.exchange(false, ordering: .acquiring) { reload() }
            context.expectStep(options)
            do {
                let socket = try takeTurn()
                backoff.reset()
                let interval = min(
                    Double(options.pollInterval), delivered.interval, LearnedThreadsUpdater.interval,
                    max(0, nextAttempt - MonotonicClock.seconds))
                if wait(seconds: interval, socket: socket) { spool.retryPostponed() }
            } catch {
                backOff(after: error)
            }
        }
    }

    /// Ends `run` after the batch at hand. Any thread.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        context.spool.wake()
    }

    /// Makes the thread take the options in force, and read routing again, at its next turn, which begins now. Any
    /// thread.
    public func reloadSoon() {
        reloading.store(true, ordering: .releasing)
        context.spool.wakeUrgently()
    }

    private var isStopping: Bool { stopping.load(ordering: .acquiring) }

    private func reload() {
        let new = context.options.current
        if new.database != options.database { connection = nil }
        options = new
        backoff = Backoff(new.retry)
        routing.reload(interval: new.pollInterval)
        erasure.interval = new.pollInterval
        delivered.limit = new.deliveredLimit
    }

    /// Returns the descriptor that turns readable when the database has something to say.
    private func takeTurn() throws -> Int32 {
        turnStart = MonotonicClock.seconds
        let turn = DeliveryTurn(connection: try connected(), options: options, context: context)
        try attempt(.routing, turn) { if try routing.refresh(turn) { learned.routingChanged() } }
        try attempt(.acknowledging, turn) { try routing.acknowledge(turn) }
        try attempt(.position, turn) { try delivered.compare(turn.connection) }
        try attempt(.learnedIDs, turn) {
            try learned.refresh(turn.connection, context.routing.current, isWhole: false)
        }
        context.metrics.isDatabaseUp = true
        try spool.deliverWaiting(turn) { isStopping }
        learned.forget(while: sweepSlice())
        try attempt(.erasure, turn) { try erasure.work(turn, while: sweepSlice()) }
        try attempt(.tidying, turn) { try delivered.tidy(turn.connection, while: sweepSlice()) }
        return turn.connection.socket
    }

    /// Whether a sweep that is under way may go on now: it gives way to mail at once, but for a small share of the time
    /// that it has in any case, since mail may wait always.
    private func sweepSlice() -> () -> Bool {
        let start = MonotonicClock.seconds
        let share = min(max(Self.leastShare, (start - turnStart) * Self.sweepShare), Self.sweepLimit)
        return { [context] in
            let time = MonotonicClock.seconds - start
            return time < share || (time < Self.sweepLimit && !context.spool.isWoken)
        }
    }

    /// Of the turn, what each sweep gets while mail waits; in seconds, the least of that, and what it gets at most, also
    /// while none waits.
    private static let (sweepShare, leastShare, sweepLimit) = (0.05, 0.001, 0.015)

    /// When there is something to do that nothing announces, in `MonotonicClock.seconds`.
    private var nextAttempt: Double {
        isSweeping ? 0 : min(spool.nextAttempt, isDue(.routing) ? routing.nextAttempt : .infinity)
    }

    private var isSweeping: Bool {
        (learned.isUnderWay && isDue(.learnedIDs)) || (erasure.isUnderWay && isDue(.erasure))
            || (delivered.isUnderWay && isDue(.tidying))
    }

    private func isDue(_ task: Task) -> Bool { holdUps[task]?.isOver(at: MonotonicClock.seconds) ?? true }

    /// What a turn does besides delivering.
    private enum Task: String {
        case routing = "reading routing"
        case acknowledging = "acknowledging routing"
        case position = "comparing the database's position"
        case learnedIDs = "reading learned ids"
        case erasure = "looking for erased messages"
        case tidying = "tidying delivered messages"
    }

    /// A task that the database holds up is tried again later, and the others go on.
    private func attempt(_ task: Task, _ turn: DeliveryTurn, _ body: () throws -> Void) throws {
        guard isDue(task) else { return }
        do {
            try body()
            holdUps[task] = nil
        } catch let error as DatabaseError where error.isHoldUp && turn.connection.isUsable {
            var holdUp = holdUps[task] ?? HoldUp(1...60)
            holdUp.heldUp(at: MonotonicClock.seconds)
            holdUps[task] = holdUp
            context.log.databaseHeldUp(task.rawValue, error, retryIn: holdUp.pause)
        }
    }

    /// Seconds. Short, since all companies' mail waits meanwhile; what a lock holds up is tried again later.
    private static let lockTimeout = 0.25

    private func connected() throws -> IngestSession {
        if let connection { return connection }
        let new = try IngestSession(
            options.database, timeout: options.databaseTimeout, lockTimeout: Self.lockTimeout)
        context.log.databaseReached()
        connection = new
        routing.connectionChanged()
        delivered.connectionChanged()
        learned.connectionChanged()
        return new
    }

    // MARK: Waiting

    private func backOff(after error: any Error) {
        var generator = SystemRandomNumberGenerator()
        let pause = backoff.next(using: &generator)
        if error is DatabaseError {
            connection = nil
            context.metrics.isDatabaseUp = false
            context.metrics.databaseLosses.add()
            context.log.databaseLost(error, retryIn: pause, spooled: context.spool.count())
        } else {
            if (error as? SpoolError)?.isFull == true { context.spool.requestRoom() }
            context.log.spoolAlarm("\(error); tried again later")
        }
        // New messages do not cut the pause short; a request to deliver now, or to stop, does.
        let end = MonotonicClock.seconds + pause
        while case let left = end - MonotonicClock.seconds, left > 0, !isStopping {
            if wait(seconds: delivered.isUnderWay ? 0 : left, socket: nil) { return }
        }
    }

    /// Waits for a message, a word from the database, or the end of the time. True if delivery is asked for now.
    private func wait(seconds: Double, socket: Int32?) -> Bool {
        context.metrics.progress.expect(within: seconds + 60)
        var descriptors = [pollfd(fd: context.spool.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        if let socket { descriptors.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        poll(&descriptors, nfds_t(descriptors.count), Int32((max(0, seconds) * 1000).rounded(.up)))
        defer { delivered.makeRoom(while: sweepSlice()) }
        return context.spool.takeWakes()
    }
}
