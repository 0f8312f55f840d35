public import System

/// How a daemon that is stopping lets its sessions end, once it accepts no new connection.
///
/// 1. For some seconds everything goes on: most sessions have one message under way, or none to come.
/// 2. Then every message that begins is refused with 421: Postfix ends that SMTP session, and the client reconnects.
///    This
///    ends sessions that bring message after message.
/// 3. Messages that began before are waited for.
///
/// BUGS: a session that is idle through all of this loses its connection to the filter. Postfix up to 3.10 refuses with
/// 451 (`milter_default_action`) whatever the client sends in it later, until the client ends the session.
public struct GracefulShutdown {
    private let sessions: WaitGroup
    private let messages: WaitGroup
    private let commands: DaemonCommands
    private let hangUp: () -> Void

    /// Seconds, each from the beginning.
    private static let undisturbed = 2.0
    private static let hangingUp = 3.0
    /// Postfix waits longer than this for a filter (`milter_content_timeout`).
    private static let limit = 30.0

    /// `hangUp` makes sessions refuse every message that begins; it is called repeatedly.
    public init(
        sessions: WaitGroup, messages: WaitGroup, commands: DaemonCommands, hangUp: @escaping () -> Void
    ) {
        self.sessions = sessions
        self.messages = messages
        self.commands = commands
        self.hangUp = hangUp
    }

    /// Returns when there is nothing left to wait for, or at a second command to stop.
    public func run() {
        let start = MonotonicClock.seconds
        var passed: Double { MonotonicClock.seconds - start }
        while true {
            if sessions.wait(seconds: 0.05) == 0 || passed > Self.limit { return }
            if passed > Self.undisturbed { hangUp() }
            if passed > Self.hangingUp, messages.count == 0 { return }
            switch commands.next(within: 0) {
            case .stop, .milterEnded: return
            case .reload, nil: continue
            }
        }
    }
}
