import Synchronization

/// A number that only grows. Any thread; counting takes no lock and no memory.
public final class Counter: Sendable {
    private let storage = Atomic(0)

    public init() {}

    public func add(_ count: Int = 1) { storage.wrappingAdd(count, ordering: .relaxed) }

    public var value: Int { storage.load(ordering: .relaxed) }
}

/// A counter for each of some labels that are known beforehand. Any thread, as `Counter`.
public final class CounterTable<Label: CaseIterable & Hashable & Sendable>: Sendable {
    private let counters: [Label: Counter]

    public init() { counters = Dictionary(uniqueKeysWithValues: Label.allCases.map { ($0, Counter()) }) }

    public func add(_ label: Label, _ count: Int = 1) { counters[label]!.add(count) }

    public subscript(label: Label) -> Int { counters[label]!.value }
}
