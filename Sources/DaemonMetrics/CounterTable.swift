/// One counter for each of a fixed set of labels. Any thread.
public final class CounterTable<Label: CaseIterable & Hashable & Sendable>: Sendable {
    // Inlined: without it, callers in other modules hash through the witnesses of the label.
    @usableFromInline let counters: [Label: Counter]

    public init() { counters = Dictionary(uniqueKeysWithValues: Label.allCases.map { ($0, Counter()) }) }

    @inlinable
    public func add(_ label: Label, _ count: Int = 1) { counters[label]!.add(count) }

    @inlinable
    public subscript(label: Label) -> Int { counters[label]!.value }
}
