import Glibc

/// SIGTERM, SIGINT and SIGHUP, waited for on the main thread.
///
/// libmilter waits for the same signals on a thread of its own, and drops live sessions on them. The kernel delivers a
/// signal to the main thread while that waits for it, so the daemon learns of it first; the main thread must do nothing
/// but wait.
///
/// BUGS: a second signal before the main thread waits again, microseconds later on an idle host, reaches libmilter.
public struct Signals: @unchecked Sendable {
    // Sendable: the set is written in `init` alone.
    private let set: UnsafeMutablePointer<sigset_t>
    private let mainThread = pthread_self()

    /// Blocks the signals in this thread and in those that it starts later. Call it on the main thread.
    public init() {
        set = .allocate(capacity: 1)
        sigemptyset(set)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(set, number) }
        pthread_sigmask(SIG_BLOCK, set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// The next signal.
    public func wait() -> Int32 {
        var number: Int32 = 0
        sigwait(set, &number)
        return number
    }

    /// Makes `wait` return SIGTERM. Any thread; the signal goes to the main thread, the only one that takes it.
    public func endWait() {
        pthread_kill(mainThread, SIGTERM)
    }
}
