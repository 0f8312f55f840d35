import Glibc

/// Time for waits and intervals: unlike the time of day it is never set back or forward.
public enum MonotonicClock {
    /// Seconds since an arbitrary moment before the process started.
    public static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
