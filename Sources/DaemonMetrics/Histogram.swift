import Synchronization

/// A histogram of durations. Any thread; observing takes no lock and allocates nothing.
public final class Histogram: Sendable {
    /// Upper bounds of the buckets in seconds, ascending. Longer durations are counted in one more bucket.
    public let bounds: [Double]
    /// One for each bucket, not cumulative, and a last one for durations above every bound.
    private let counts: [Counter]
    private let nanoseconds = Counter()

    public init(bounds: [Double]) {
        precondition(bounds == Set(bounds).sorted() && bounds.allSatisfy(\.isFinite), "bounds must ascend")
        self.bounds = bounds
        counts = (0...bounds.count).map { _ in Counter() }
    }

    public func observe(_ seconds: Double) {
        // A linear search is enough for some ten buckets.
        counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count].add()
        nanoseconds.add(Int(max(0, min(seconds, 1e9)) * 1e9))
    }

    /// Cumulative counts by upper bound; the last one counts everything.
    public struct Snapshot: Sendable {
        public let buckets: [(bound: Double, count: Int)]
        /// The sum of all durations in seconds.
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
