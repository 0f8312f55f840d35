import Synchronization

/// How far a daemon is that stops, for the thread that waits for signals.
final class ShutdownState: Sendable {
    private let reached = Atomic(false)
    private let failure = Atomic(false)

    /// Nothing is left to do.
    var isReached: Bool {
        get { reached.load(ordering: .acquiring) }
        set { reached.store(newValue, ordering: .releasing) }
    }

    /// It did not stop because it was told to.
    var isFailure: Bool {
        get { failure.load(ordering: .acquiring) }
        set { failure.store(newValue, ordering: .releasing) }
    }
}
