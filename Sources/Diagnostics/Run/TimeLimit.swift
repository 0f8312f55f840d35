import Foundation
import Synchronization

/// Runs work that may hang, as on a dead NFS server, in a thread that is abandoned if it takes too long.
enum TimeLimit {
    /// Runs all work concurrently, each item in a new thread. Returns the results that are there within `seconds`; nil
    /// for the rest.
    static func run<Value: Sendable>(_ seconds: Double, _ work: [@Sendable () -> Value]) -> [Value?] {
        let results = Results<Value>(count: work.count)
        for (index, item) in work.enumerated() {
            Thread.detachNewThread {
                results.put(item(), at: index)
            }
        }
        return results.wait(until: Date(timeIntervalSinceNow: seconds))
    }

    static func run<Value: Sendable>(_ seconds: Double, _ work: @escaping @Sendable () -> Value) -> Value? {
        run(seconds, [work])[0]
    }

    private final class Results<Value: Sendable>: Sendable {
        private let values: Mutex<[Value?]>
        private let changed = NSCondition()

        init(count: Int) { values = Mutex(Array(repeating: nil, count: count)) }

        func put(_ value: Value, at index: Int) {
            changed.lock()
            values.withLock { $0[index] = value }
            changed.signal()
            changed.unlock()
        }

        func wait(until deadline: Date) -> [Value?] {
            changed.lock()
            defer { changed.unlock() }
            while values.withLock({ $0.contains { $0 == nil } }), changed.wait(until: deadline) {}
            return values.withLock { $0 }
        }
    }
}
