import Spool
import Synchronization
import System

/// The spool's usage, measured when somebody asks, and so seldom that at most a twentieth of the time goes into it:
/// delivered/ may have very many files. Any thread.
final class MeasuredUsage: Sendable {
    private let directory: String
    private let state = Mutex<(usage: SpoolUsage, schedule: Schedule)?>(nil)

    init(directory: String) { self.directory = directory }

    var current: SpoolUsage {
        state.withLock { state in
            if let state, !state.schedule.isDue { return state.usage }
            let start = MonotonicClock.seconds
            let usage = SpoolUsage(directory: directory)
            var schedule = Schedule(every: 0)
            schedule.ended(startedAt: start)
            state = (usage, schedule)
            return usage
        }
    }
}
