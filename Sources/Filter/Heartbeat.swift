import Glibc

/// Tells the service manager when the daemon accepts connections, and from then on, if it waits for signs of life, that
/// it still does: a connection of the daemon's own is accepted and answered by libmilter, whose threads serve Postfix.
/// A slow disk or database is no reason to be silent, a filter that hangs is.
struct Heartbeat: Sendable {
    let manager: ServiceManager
    /// Whether the filter answers within so many seconds.
    let answers: @Sendable (_ seconds: Double) -> Bool
    /// What the service manager shows of the daemon.
    let status: @Sendable () -> String

    /// For a thread of its own. Returns when there is nothing more to tell.
    func run(until isOver: () -> Bool = { false }) {
        while !answers(5) {
            guard !isOver() else { return }
            usleep(20_000)
        }
        manager.ready(status())
        guard let limit = manager.watchdog else { return }
        while !isOver() {
            // A third for the answer, a third for the pause, a third to spare.
            if answers(limit / 3) { manager.alive() }
            usleep(UInt32(limit / 3 * 1e6))
        }
    }
}
