/// Counts what is under way, so that a stop can wait for its end. Any thread.
final class WaitGroup: @unchecked Sendable {
    // Sendable: `number` is read and written under the lock of `ended` alone.
    private let ended = Condition()
    private var number = 0

    /// Returns how many are under way now, this one included.
    @discardableResult
    func enter() -> Int {
        ended.withLock {
            number += 1
            return number
        }
    }

    func leave() {
        ended.withLock {
            number -= 1
            if number == 0 { ended.signal() }
        }
    }

    var count: Int { ended.withLock { number } }

    /// Waits until nothing is under way. Returns how much still is when the time, in seconds, is over.
    func wait(seconds: Double) -> Int {
        ended.withLock {
            let deadline = MonotonicClock.seconds + seconds
            while number > 0, ended.wait(until: deadline) {}
            return number
        }
    }
}
