import Spool

/// The waiting messages of one company, and how its last attempts went. A plain value, of `WaitingMessages`.
///
/// A batch that fails because of one of its messages is not searched at once, since each message may cost a lock
/// time-out: the company gets one message at a time, between the batches of others, and twice as many after each
/// success. A message that is held up alone is postponed, each time for longer, and the company rests for a while.
struct CompanyQueue {
    /// What was delivered once comes first.
    private var redelivered = Fifo<SpoolFileName>()
    private var new = Fifo<SpoolFileName>()
    /// Messages that were held up and may be tried again, each alone.
    private var retries = Fifo<WaitingMessages.Item>()
    private var postponed: [WaitingMessages.Item: Postponed] = [:]
    /// No postponed message is due before.
    private var nextDue = Double.infinity
    /// Messages in the next batch.
    private var limit = Int.max
    private var holdUp = HoldUp(CompanyQueue.pauses)
    /// Of messages that are tried again: these do not hold up the others.
    private var retryHoldUp = HoldUp(CompanyQueue.pauses)
    /// It is among those whose turns come, or those that rest.
    var hasPlace = false

    private struct Postponed {
        /// In `MonotonicClock.seconds`; infinite while it is tried.
        var due: Double
        /// Seconds that it was last postponed for because the database held it up; 0 if the disk did.
        var delay: Double
    }

    /// Seconds that a company rests after an attempt that was held up.
    private static let pauses = 1.0...15.0
    /// Seconds. A batch that takes longer makes the next one smaller.
    private static let slowBatch = 1.0

    var postponedCount: Int { postponed.count }
    /// Without messages, and without anything to be remembered.
    var isIdle: Bool {
        !hasFresh && postponed.isEmpty && holdUp.pause == 0 && retryHoldUp.pause == 0 && limit == .max
    }
    private var hasFresh: Bool { !redelivered.isEmpty || !new.isEmpty }
    var isHeldUp: Bool { (hasFresh && holdUp.pause > 0) || postponed.values.contains { $0.delay > 0 } }

    /// When it may be tried next; nil if nothing waits.
    var nextAttempt: Double? {
        let fresh = hasFresh ? holdUp.until : .infinity
        let retry = max(retries.isEmpty ? nextDue : 0, retryHoldUp.until)
        let next = min(fresh, retry)
        return next < .infinity ? next : nil
    }

    // MARK: In and out

    mutating func append(_ item: WaitingMessages.Item) {
        if item.area == .redeliver { redelivered.append(item.name) } else { new.append(item.name) }
    }

    /// The next messages, all of one area.
    mutating func take(_ most: Int, now: Double) -> [WaitingMessages.Item] {
        collectDue(now)
        if retryHoldUp.isOver(at: now), let item = retries.popFirst() { return [item] }
        guard holdUp.isOver(at: now) else { return [] }
        let count = min(most, limit)
        if !redelivered.isEmpty {
            return redelivered.take(count).map { WaitingMessages.Item(name: $0, area: .redeliver) }
        }
        return new.take(count).map { WaitingMessages.Item(name: $0, area: .new) }
    }

    private mutating func collectDue(_ now: Double) {
        guard now >= nextDue else { return }
        nextDue = .infinity
        for (item, state) in postponed where state.due < .infinity {
            if state.due <= now {
                postponed[item]!.due = .infinity
                retries.append(item)
            } else {
                nextDue = min(nextDue, state.due)
            }
        }
    }

    /// Puts back messages that were taken and not tried, or not to their end.
    mutating func restore(_ items: [WaitingMessages.Item]) {
        for item in items.reversed() {
            if postponed[item] != nil {
                retries.restore([item])
            } else if item.area == .redeliver {
                redelivered.restore([item.name])
            } else {
                new.restore([item.name])
            }
        }
    }

    // MARK: What became of an attempt

    mutating func succeeded(_ items: [WaitingMessages.Item], seconds: Double, now: Double) {
        guard isRetry(items) else {
            holdUp.succeeded()
            if seconds > Self.slowBatch {
                limit = max(1, items.count / 2)
            } else if limit < .max {
                limit = limit > 1 << 20 ? .max : limit * 2
            }
            return
        }
        holdUp.succeeded()
        retryHoldUp.succeeded()
        // What held up this message may have held up the others.
        for (item, state) in postponed where state.due < .infinity { postponed[item]!.due = min(state.due, now) }
        nextDue = now
    }

    private func isRetry(_ items: [WaitingMessages.Item]) -> Bool { items.contains { postponed[$0] != nil } }

    /// The batch failed, perhaps because of one message. Returns the seconds for which that one is postponed; nil if
    /// there were several, which wait for their turns. The company rests for `rest` seconds at least.
    mutating func heldUp(
        _ items: [WaitingMessages.Item], now: Double, delays: ClosedRange<Double>, rest: Double
    ) -> Double? {
        guard items.count == 1 else {
            limit = 1
            restore(items)
            return nil
        }
        if isRetry(items) {
            retryHoldUp.heldUp(at: now, least: rest)
        } else {
            limit = 1
            holdUp.heldUp(at: now, least: rest)
        }
        let last = postponed[items[0]]?.delay ?? 0
        let delay = min(max(last * 2, delays.lowerBound), delays.upperBound)
        postpone(items[0], until: now + delay, delay: delay)
        return delay
    }

    /// The batch was refused because of one of its messages: the next batches find it.
    mutating func refused(_ items: [WaitingMessages.Item]) {
        limit = 1
        restore(items)
    }

    mutating func postpone(_ item: WaitingMessages.Item, until due: Double, delay: Double = 0) {
        postponed[item] = Postponed(due: due, delay: delay)
        nextDue = min(nextDue, due)
    }

    /// The message is no longer in the spool.
    mutating func forget(_ item: WaitingMessages.Item) { postponed[item] = nil }

    /// Everything may be tried now.
    mutating func retryNow() {
        holdUp.end()
        retryHoldUp.end()
        for (item, state) in postponed where state.due < .infinity { postponed[item]!.due = 0 }
        if !postponed.isEmpty { nextDue = 0 }
    }
}
