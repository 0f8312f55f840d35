import Glibc

/// SIGTERM, SIGINT and SIGHUP, waited for on the main thread.
///
/// libmilter waits for the same signals on a thread of its own and drops live sessions on them. The kernel gives a
/// signal to the main thread as long as that waits for it, so ours is the first to know; it must do nothing but wait.
///
/// BUGS: of two signals within microseconds the second can reach libmilter, which then drops live sessions.
struct Signals {
    private let set: UnsafeMutablePointer<sigset_t>

    /// Blocks the signals in this thread and those it starts later.
    init() {
        set = .allocate(capacity: 1)
        sigemptyset(set)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(set, number) }
        pthread_sigmask(SIG_BLOCK, set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// The next one.
    func wait() -> Int32 {
        var number: Int32 = 0
        sigwait(set, &number)
        return number
    }

    /// Makes `wait` return, as a signal from outside would.
    static func raise() {
        kill(getpid(), SIGTERM)
    }
}
