import Glibc

/// A value that sessions read all the time, from any thread, and that is replaced now and then.
///
/// Readers do not wait for each other. Under a `Mutex` they do: of many sessions on few processors, one is often taken off
/// its processor while it has the lock, and then all the others sleep until the kernel has handed it on to each.
final class Snapshot<Value: Sendable>: @unchecked Sendable {
    // Sendable: the lock never moves, and the value is read and written under it.
    private let lock = UnsafeMutablePointer<pthread_rwlock_t>.allocate(capacity: 1)
    private var value: Value

    init(_ value: Value) {
        self.value = value
        var attributes = pthread_rwlockattr_t()
        pthread_rwlockattr_init(&attributes)
        // Readers that keep coming must not keep a new value out.
        pthread_rwlockattr_setkind_np(&attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
        pthread_rwlock_init(lock, &attributes)
        pthread_rwlockattr_destroy(&attributes)
    }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    var current: Value {
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        return value
    }

    func replace(with new: Value) {
        // The old value is freed when nobody waits for the lock.
        var other = new
        pthread_rwlock_wrlock(lock)
        swap(&value, &other)
        pthread_rwlock_unlock(lock)
    }
}
