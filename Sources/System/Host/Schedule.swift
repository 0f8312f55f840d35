/// When a task that recurs is due: at an interval, and so seldom that at most about a twentieth of the time goes into
/// it, however long it takes.
public struct Schedule: Sendable {
    /// Seconds between two runs.
    public var interval: Double
    /// In `MonotonicClock.seconds`.
    private var due = 0.0

    /// Due at once.
    public init(every interval: Double) { self.interval = interval }

    public var isDue: Bool { MonotonicClock.seconds >= due }

    /// Makes it due now, whenever it ran last.
    public mutating func expedite() { due = 0 }

    /// Due again after the interval, which begins now.
    public mutating func postpone() { due = MonotonicClock.seconds + interval }

    /// A run that began at `start`, in `MonotonicClock.seconds`, is over.
    public mutating func ended(startedAt start: Double) { ended(after: MonotonicClock.seconds - start) }

    /// A run is over that took so many seconds of work.
    public mutating func ended(after seconds: Double) {
        due = MonotonicClock.seconds + max(interval, 20 * seconds)
    }
}
