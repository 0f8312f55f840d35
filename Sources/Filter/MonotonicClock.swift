import Glibc

/// Time for waits: it goes on at one pace, whatever becomes of the time of day.
enum MonotonicClock {
    /// Since some moment before the start.
    static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
