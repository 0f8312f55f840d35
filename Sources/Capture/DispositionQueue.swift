import Synchronization

/// Dispositions that wait to be recorded in the database: sessions add them, the delivery thread takes them. Bounded:
/// while the database is away for long, the oldest are dropped, since the log has them all. Captured messages are not
/// here but in the spool.
public final class DispositionQueue: Sendable {
    public static let limit = 10_000

    private let waiting = Mutex<[Disposition]>([])

    public init() {}

    /// Any thread.
    public func add(_ disposition: Disposition) {
        waiting.withLock {
            if $0.count == Self.limit { $0.removeFirst($0.count / 10) }
            $0.append(disposition)
        }
    }

    /// Removes and returns the oldest, at most `count`.
    public func take(_ count: Int) -> [Disposition] {
        waiting.withLock { waiting in
            defer { waiting.removeFirst(min(count, waiting.count)) }
            return Array(waiting.prefix(count))
        }
    }

    /// Puts back those that could not be recorded.
    public func restore(_ taken: [Disposition]) {
        waiting.withLock { $0 = Array((taken + $0).suffix(Self.limit)) }
    }
}
