import Glibc

/// SIGTERM, SIGINT and SIGHUP, waited for on the main thread.
///
/// libmilter waits for the same signals on a thread of its own and drops live sessions on them. The kernel gives a
/// signal to the main thread as long as that waits for it, so ours is the first to know.
///
/// BUGS: a second signal while the first is being handled reaches libmilter, which then stops at once.
struct StopSignals {
    private let set: UnsafeMutablePointer<sigset_t>

    /// Blocks the signals in this thread and those it starts later.
    init() {
        set = .allocate(capacity: 1)
        sigemptyset(set)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(set, number) }
        pthread_sigmask(SIG_BLOCK, set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    func wait() {
        var number: Int32 = 0
        sigwait(set, &number)
    }

    /// Makes `wait` return, as a signal from outside would.
    static func raise() {
        kill(getpid(), SIGTERM)
    }
}
