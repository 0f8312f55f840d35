import Glibc

/// SIGTERM, SIGINT and SIGHUP, waited for on the main thread.
///
/// libmilter waits for the same signals on a thread of its own and drops live sessions on them. The kernel gives a
/// signal to the main thread as long as that waits for it, so ours is the first to know; it must do nothing but wait.
///
/// BUGS: a second signal before the main thread waits again, microseconds later on an idle host, reaches libmilter.
struct Signals: @unchecked Sendable {
    // Sendable: the set is written in `init` alone.
    private let set: UnsafeMutablePointer<sigset_t>
    private let mainThread = pthread_self()

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

    /// Makes `wait` return SIGTERM. Goes to the main thread whatever that does: no other could take it.
    func endWait() {
        pthread_kill(mainThread, SIGTERM)
    }
}
