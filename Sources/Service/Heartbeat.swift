import Glibc

/// Tells the service manager that the daemon accepts connections, and from then on, if the service manager has a
/// watchdog, that it still does. The sign of life is a connection of the daemon's own that libmilter answers, with the
/// same threads that serve Postfix: a slow disk or database does not silence it, a filter that hangs does.
public struct Heartbeat: Sendable {
    private let manager: ServiceManager
    private let answers: @Sendable (_ seconds: Double) -> Bool
    private let status: @Sendable () -> String

    /// `answers`: whether the filter answers a connection within so many seconds. `status`: what the service manager
    /// shows.
    public init(
        manager: ServiceManager, answers: @escaping @Sendable (_ seconds: Double) -> Bool,
        status: @escaping @Sendable () -> String
    ) {
        self.manager = manager
        self.answers = answers
        self.status = status
    }

    /// For a thread of its own. Returns once there is nothing more to report.
    public func run(until isOver: () -> Bool = { false }) {
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
