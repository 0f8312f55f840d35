import Synchronization

/// Shutdown state shared with the signal thread. Any thread.
public final class ShutdownState: Sendable {
    private let complete = Atomic(false)
    private let failure = Atomic(false)

    public init() {}

    /// Everything is done; the process may end.
    public var isComplete: Bool {
        get { complete.load(ordering: .acquiring) }
        set { complete.store(newValue, ordering: .releasing) }
    }

    /// The daemon stopped without a command to stop.
    public var isFailure: Bool {
        get { failure.load(ordering: .acquiring) }
        set { failure.store(newValue, ordering: .releasing) }
    }
}
