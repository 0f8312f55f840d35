public import Spool

/// Whether the daemon should be restarted, and whether mail should be sent its way. Any thread.
public struct Health: Sendable {
    private let spool: Spool
    private let progress: Progress
    private let activity: @Sendable () -> FilterActivity
    private let answers: @Sendable (_ seconds: Double) -> Bool

    /// `answers`: whether the filter answers a connection within so many seconds.
    public init(
        spool: Spool, progress: Progress, activity: @escaping @Sendable () -> FilterActivity,
        answers: @escaping @Sendable (_ seconds: Double) -> Bool
    ) {
        self.spool = spool
        self.progress = progress
        self.activity = activity
        self.answers = answers
    }

    private var isStopping: Bool { activity().isStopping }

    /// Why the daemon should be restarted; nil if it should not. Neither a database that is away nor a slow disk is a
    /// reason.
    var unhealthy: String? {
        if let late = progress.overdue() { return "the delivery thread is \(Int(late)) s late" }
        // A daemon that is stopping answers no new connection; it may have begun to stop while this one waited.
        if isStopping || answers(5) || isStopping { return nil }
        return "libmilter does not answer"
    }

    /// Why marked mail would be deferred; nil if it would be accepted. A database that is away is no reason: mail waits
    /// in the spool.
    var unready: String? {
        if isStopping { return "lever-milter is stopping" }
        do throws(SpoolError) {
            try spool.checkWritable()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
