public import Core
public import DaemonMetrics
import Synchronization
public import System

/// The daemon's counters and durations. The sessions and the delivery thread count, the metrics endpoint reads. Any
/// thread; on a message's way nothing here takes a lock or allocates.
public final class FilterMetrics: Sendable {
    /// How a message ended, and its direction if that is known.
    public struct MessageEnd: Hashable, CaseIterable, Sendable {
        public let outcome: Outcome
        public let direction: Direction?

        public init(outcome: Outcome, direction: Direction?) {
            self.outcome = outcome
            self.direction = direction
        }

        public static let allCases = Outcome.allCases.filter { $0 != .noMarker }.flatMap { outcome in
            ([nil] + Direction.allCases).map { MessageEnd(outcome: outcome, direction: $0) }
        }
    }

    /// The milter callbacks in which the filter does its work.
    public enum Callback: Int, CaseIterable, Sendable {
        case data, eoh, body, eom
    }

    public let unread = CounterTable<Unread>()
    public let ends = CounterTable<MessageEnd>()
    public let tempfails = CounterTable<TempfailCause>()
    public let spooledMessages = Counter()
    public let spooledBytes = Counter()
    public let routingChanges = Counter()
    public let databaseLosses = Counter()

    /// By the callback's number.
    public let callbacks = Callback.allCases.map { _ in Histogram(bounds: inMemory) }
    public let sealing = Histogram(bounds: inMemory)
    public let fsync = Histogram(bounds: onDisk)
    public let deliveryBatches = Histogram(bounds: inDatabase)

    /// Of the delivery thread.
    public let progress = Progress()
    private let databaseUp = Atomic(false)
    private let postponedMessages = Atomic(0)
    private let postponedCompanies = Atomic(0)
    /// Milliseconds of `MonotonicClock`. The time of the start until the database first answers.
    private let routingConfirmation = Atomic(Int(MonotonicClock.seconds * 1000))

    public init() {}

    /// Seconds, from work without a disk to the longest anybody should wait.
    private static let inMemory = [0.000_01, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30]
    private static let onDisk = [0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30]
    private static let inDatabase = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30, 90]

    /// What the database held up: messages that are tried again later, each alone, and their companies.
    public var postponed: (messages: Int, companies: Int) {
        get { (postponedMessages.load(ordering: .relaxed), postponedCompanies.load(ordering: .relaxed)) }
        set {
            postponedMessages.store(newValue.messages, ordering: .relaxed)
            postponedCompanies.store(newValue.companies, ordering: .relaxed)
        }
    }

    /// The delivery thread's last attempt reached the database.
    public var isDatabaseUp: Bool {
        get { databaseUp.load(ordering: .relaxed) }
        set { databaseUp.store(newValue, ordering: .relaxed) }
    }

    /// The database has confirmed the routing in force.
    public func routingConfirmed() {
        routingConfirmation.store(Int(MonotonicClock.seconds * 1000), ordering: .relaxed)
    }

    /// Seconds since then.
    public var routingAge: Double {
        max(0, MonotonicClock.seconds - Double(routingConfirmation.load(ordering: .relaxed)) / 1000)
    }

    public func ended(_ outcome: Outcome, _ direction: Direction?) {
        ends.add(MessageEnd(outcome: outcome, direction: direction))
    }

    /// Inlined into the callbacks: a call through a closure costs more than the clock.
    @inlinable
    public func time<Value>(_ callback: Callback, _ step: () throws -> Value) rethrows -> Value {
        let start = MonotonicClock.seconds
        defer { callbacks[callback.rawValue].observe(MonotonicClock.seconds - start) }
        return try step()
    }
}
