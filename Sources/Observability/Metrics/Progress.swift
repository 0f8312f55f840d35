import Synchronization
public import System

/// A watch on a thread that must not hang: before each step the thread says by when the step will be over, and any
/// thread may ask whether it is late.
public final class Progress: Sendable {
    /// Milliseconds of `MonotonicClock`.
    private let deadline = Atomic(Int.max)

    public init() {}

    /// The next step takes at most `seconds`.
    public func expect(within seconds: Double) {
        deadline.store(Int((MonotonicClock.seconds + seconds) * 1000), ordering: .relaxed)
    }

    /// Seconds by which the step is late; nil if it is not.
    public func overdue(at now: Double = MonotonicClock.seconds) -> Double? {
        let late = now - Double(deadline.load(ordering: .relaxed)) / 1000
        return late > 0 ? late : nil
    }
}
