import Synchronization

/// A monotonic counter. Any thread; counting takes no lock and allocates nothing.
public final class Counter: Sendable {
    private let storage = Atomic(0)

    public init() {}

    public func add(_ count: Int = 1) { storage.wrappingAdd(count, ordering: .relaxed) }

    public var value: Int { storage.load(ordering: .relaxed) }
}
