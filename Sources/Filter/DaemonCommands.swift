import Glibc
import System

/// What the running daemon is told to do, in order: by signals from outside, or by a part of it that failed. Any thread.
final class DaemonCommands: @unchecked Sendable {
    // Sendable: `waiting` is read and written under the mutex of `arrivals` alone.
    enum Order {
        /// Read the configuration and routing again.
        case reload
        /// End in good order; a second time: at once.
        case stop
        /// libmilter ended by itself.
        case milterEnded
    }

    private let arrived = Condition()
    private var waiting: [Order] = []

    func send(_ order: Order) {
        arrived.withLock {
            waiting.append(order)
            arrived.signal()
        }
    }

    /// The next one; nil when the time, in seconds, is over before it comes.
    func next(within seconds: Double = .infinity) -> Order? {
        arrived.withLock {
            let deadline = MonotonicClock.seconds + seconds
            while waiting.isEmpty, arrived.wait(until: deadline) {}
            return waiting.isEmpty ? nil : waiting.removeFirst()
        }
    }
}
