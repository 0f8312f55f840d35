import Synchronization

/// How often a duration was at most so long. Any thread; observing takes no lock and no memory.
public final class Histogram: Sendable {
    /// Seconds, ascending. What is longer than the last is counted as well.
    public let bounds: [Double]
    /// Those of each bucket alone, and behind them those above every bound.
    private let counts: [Counter]
    private let nanoseconds = Counter()

    public init(bounds: [Double]) {
        precondition(bounds == Set(bounds).sorted() && bounds.allSatisfy(\.isFinite), "bounds ascend")
        self.bounds = bounds
        counts = (0...bounds.count).map { _ in Counter() }
    }

    public func observe(_ seconds: Double) {
        // A few comparisons: there are some ten buckets.
        counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count].add()
        nanoseconds.add(Int(max(0, min(seconds, 1e9)) * 1e9))
    }

    /// What was observed, by upper bound, each count with those before it: the last one is that of all.
    public struct Snapshot: Sendable {
        public let buckets: [(bound: Double, count: Int)]
        /// Seconds.
        public let sum: Double

        public var count: Int { buckets.last!.count }
    }

    public var snapshot: Snapshot {
        var total = 0
        let buckets = zip(bounds + [.infinity], counts).map { bound, counter in
            total += counter.value
            return (bound: bound, count: total)
        }
        return Snapshot(buckets: buckets, sum: Double(nanoseconds.value) / 1e9)
    }
}
