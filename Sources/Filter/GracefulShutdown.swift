import System

/// How a daemon that stops lets its sessions end, once no new connection is accepted.
///
/// 1. For some seconds everything is as before: most sessions have a message under way, or none to come.
/// 2. A message that begins after that is refused with 421: Postfix ends that SMTP session, and the client connects
///    again. This goes for sessions that bring message after message.
/// 3. Messages that began before are waited for.
///
/// BUGS: a session that rests through all of this loses its connection to the filter. Postfix up to 3.10 refuses with
/// 451 (`milter_default_action`) whatever the client sends in it later, until the client ends it.
struct GracefulShutdown {
    let admission: Admission
    let orders: DaemonCommands

    /// Seconds, each from the beginning.
    private static let undisturbed = 2.0
    private static let hangingUp = 3.0
    /// Postfix waits longer than that for a filter (`milter_content_timeout`).
    private static let limit = 30.0

    /// Returns when nothing more is to be waited for, or at a second order to stop.
    func run() {
        let start = MonotonicClock.seconds
        var passed: Double { MonotonicClock.seconds - start }
        while true {
            if admission.sessions.wait(seconds: 0.05) == 0 || passed > Self.limit { return }
            if passed > Self.undisturbed { admission.hangUp() }
            if passed > Self.hangingUp, admission.messages.count == 0 { return }
            // The end of libmilter is told as well, and so that it ends is no reason to wait.
            switch orders.next(within: 0) {
            case .stop, .milterEnded: return
            case .reload, nil: continue
            }
        }
    }
}
