import Synchronization
import System

/// Whether a thread that must not hang still turns: before each step it says by when the step is over. Any thread asks.
final class Progress: Sendable {
    /// Milliseconds of `MonotonicClock`.
    private let deadline = Atomic(Int.max)

    /// The next step takes at most that many seconds.
    func expect(within seconds: Double) {
        deadline.store(Int((MonotonicClock.seconds + seconds) * 1000), ordering: .relaxed)
    }

    /// Seconds that the step has taken longer; nil where it has not.
    func overdue(at now: Double = MonotonicClock.seconds) -> Double? {
        let late = now - Double(deadline.load(ordering: .relaxed)) / 1000
        return late > 0 ? late : nil
    }
}
