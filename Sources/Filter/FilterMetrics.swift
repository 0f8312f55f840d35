import Core
import DaemonMetrics
import Synchronization
import System

/// What the daemon counts and times. Any thread; on the way of a message nothing here takes a lock or memory.
final class FilterMetrics: Sendable {
    /// How a message ended, and which way it went, where that is known.
    struct MessageEnd: Hashable, CaseIterable, Sendable {
        let outcome: Outcome
        let direction: Direction?

        static let allCases = Outcome.allCases.filter { $0 != .noMarker }.flatMap { outcome in
            ([nil] + Direction.allCases).map { MessageEnd(outcome: outcome, direction: $0) }
        }
    }

    /// Steps of a message in which the filter works.
    enum Callback: Int, CaseIterable {
        case data, eoh, body, eom
    }

    let events = CounterTable<EventName>()
    let ends = CounterTable<MessageEnd>()
    let tempfails = CounterTable<TempfailCause>()
    let spooledMessages = Counter()
    let spooledBytes = Counter()
    let routingChanges = Counter()
    let databaseLosses = Counter()

    /// By the callback's number.
    let callbacks = Callback.allCases.map { _ in Histogram(bounds: inMemory) }
    let sealing = Histogram(bounds: inMemory)
    let fsync = Histogram(bounds: onDisk)
    let deliveryBatches = Histogram(bounds: inDatabase)

    /// The delivery thread's.
    let progress = Progress()
    private let databaseUp = Atomic(false)
    /// Milliseconds of `MonotonicClock`. Until the database says something, the start.
    private let routingConfirmation = Atomic(Int(MonotonicClock.seconds * 1000))

    /// Seconds, from what needs no disk to what nobody should wait for.
    private static let inMemory = [0.000_01, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30]
    private static let onDisk = [0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30]
    private static let inDatabase = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30, 90]

    /// The last message or turn came through.
    var isDatabaseUp: Bool {
        get { databaseUp.load(ordering: .relaxed) }
        set { databaseUp.store(newValue, ordering: .relaxed) }
    }

    /// The database said what is in force.
    func routingConfirmed() {
        routingConfirmation.store(Int(MonotonicClock.seconds * 1000), ordering: .relaxed)
    }

    /// Seconds since that.
    var routingAge: Double {
        max(0, MonotonicClock.seconds - Double(routingConfirmation.load(ordering: .relaxed)) / 1000)
    }

    func ended(_ outcome: Outcome, _ direction: Direction?) {
        ends.add(MessageEnd(outcome: outcome, direction: direction))
    }

    func time<Value>(_ callback: Callback, _ step: () throws -> Value) rethrows -> Value {
        let start = MonotonicClock.seconds
        defer { callbacks[callback.rawValue].observe(MonotonicClock.seconds - start) }
        return try step()
    }
}
