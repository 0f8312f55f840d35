import Glibc

/// A mutex and the condition that threads wait for under it (pthread_cond_wait(3)).
///
/// The standard library's `Mutex` has no condition, and Foundation's NSCondition waits by the time of day.
public final class Condition: @unchecked Sendable {
    // Sendable: mutex and condition are made to be shared, and never move.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    public init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    public func withLock<Value>(_ body: () throws -> Value) rethrows -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Wakes every waiting thread. Call it under the lock.
    public func signal() { pthread_cond_broadcast(condition) }

    /// Waits for a signal until `deadline`, a time of `MonotonicClock`; false once that has passed. Call it under the
    /// lock, which is released while the thread waits.
    public func wait(until deadline: Double) -> Bool {
        guard deadline.isFinite else { return pthread_cond_wait(condition, mutex) == 0 }
        var time = timespec(
            tv_sec: Int(deadline), tv_nsec: Int((deadline - deadline.rounded(.down)) * 1e9))
        return pthread_cond_timedwait(condition, mutex, &time) == 0
    }
}
