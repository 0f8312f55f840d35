import System

/// The commands to the running daemon, in order: from signals, or from a part of the daemon that failed. Any thread.
public final class DaemonCommands: @unchecked Sendable {
    // Sendable: `waiting` is read and written under the lock of `arrived` alone.
    public enum Command: Sendable {
        /// Read the configuration and routing again.
        case reload
        /// Stop gracefully; a second time, at once.
        case stop
        /// libmilter ended by itself.
        case milterEnded
    }

    private let arrived = Condition()
    private var waiting: [Command] = []

    public init() {}

    public func send(_ command: Command) {
        arrived.withLock {
            waiting.append(command)
            arrived.signal()
        }
    }

    /// The next command; nil if none comes within so many seconds.
    public func next(within seconds: Double = .infinity) -> Command? {
        arrived.withLock {
            let deadline = MonotonicClock.seconds + seconds
            while waiting.isEmpty, arrived.wait(until: deadline) {}
            return waiting.isEmpty ? nil : waiting.removeFirst()
        }
    }
}
