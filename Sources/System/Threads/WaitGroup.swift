/// Counts operations under way, so that a shutdown can wait for the last one to end. Any thread.
public final class WaitGroup: @unchecked Sendable {
    // Sendable: `number` is read and written under the lock of `ended` alone.
    private let ended = Condition()
    private var number = 0

    public init() {}

    /// Returns how many are under way now, this one included.
    @discardableResult
    public func enter() -> Int {
        ended.withLock {
            number += 1
            return number
        }
    }

    public func leave() {
        ended.withLock {
            number -= 1
            if number == 0 { ended.signal() }
        }
    }

    public var count: Int { ended.withLock { number } }

    /// Waits until nothing is under way, for at most `seconds`. Returns how many still are.
    public func wait(seconds: Double) -> Int {
        ended.withLock {
            let deadline = MonotonicClock.seconds + seconds
            while number > 0, ended.wait(until: deadline) {}
            return number
        }
    }
}
