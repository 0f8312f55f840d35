import Spool

/// What is wrong with the daemon, in the eyes of whoever starts it anew or sends mail its way. Any thread.
struct Health: Sendable {
    let context: FilterContext

    /// Why the daemon should be started anew; nil for no reason. The database being away is none, nor a slow disk.
    var unhealthy: String? {
        context.metrics.progress.overdue().map { "the delivery thread is \(Int($0)) s late" }
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
