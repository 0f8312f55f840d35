import Glibc

/// The end of a program that a shell waits for.
enum TimeLimit {
    /// Ends the program without a word after that time, whatever it waits for: also a name server, for which libpq's
    /// time limit does not count.
    static func start(seconds: UInt32) {
        signal(SIGALRM) { _ in _exit(0) }
        alarm(seconds)
    }
}
