import Spool

/// What is wrong with the daemon, in the eyes of whoever starts it anew or sends mail its way. Any thread.
struct Health: Sendable {
    let context: FilterContext
    /// Whether the filter answers within so many seconds.
    let answers: @Sendable (_ seconds: Double) -> Bool

    /// Why the daemon should be started anew; nil for no reason. The database being away is none, nor a slow disk.
    var unhealthy: String? {
        if let late = context.metrics.progress.overdue() { return "the delivery thread is \(Int(late)) s late" }
        // While it stops, nobody new is answered.
        if context.admission.isClosed || answers(5) || context.admission.isClosed { return nil }
        return "libmilter does not answer"
    }

    /// Why marked mail would not be accepted; nil for no reason. The database being away is none: the spool takes it.
    var unready: String? {
        if context.admission.isClosed { return "lever-milter is stopping" }
        do throws(SpoolError) {
            try context.spool.checkWritable()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
