import Synchronization

/// Reports that wait to be recorded in the database. Bounded: with the database away for long, the oldest are given up,
/// since the log has them all; captured messages are not here but in the spool.
final class DispositionQueue: Sendable {
    static let limit = 10_000

    private let reports = Mutex<[Disposition]>([])

    /// Any thread.
    func add(_ report: Disposition) {
        reports.withLock {
            if $0.count == Self.limit { $0.removeFirst($0.count / 10) }
            $0.append(report)
        }
    }

    /// The oldest, at most that many, taken out.
    func take(_ count: Int) -> [Disposition] {
        reports.withLock { reports in
            defer { reports.removeFirst(min(count, reports.count)) }
            return Array(reports.prefix(count))
        }
    }

    /// Puts back what could not be recorded.
    func restore(_ taken: [Disposition]) {
        reports.withLock { $0 = Array((taken + $0).suffix(Self.limit)) }
    }
}
