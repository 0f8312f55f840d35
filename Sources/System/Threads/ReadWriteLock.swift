import Glibc

/// A lock for what any thread reads all the time, and one writes now and then.
///
/// Why not the standard library's `Mutex`: its readers wait for each other. With many sessions on few processors, a
/// session is often preempted while it holds the mutex, and all the others sleep until the kernel has handed it to each
/// in turn. Readers of this lock pass side by side. What is written as often as it is read stays in a `Mutex`.
public final class ReadWriteLock: @unchecked Sendable {
    // Sendable: pthread_rwlock_t is made to be shared, and this one never moves.
    private let lock = UnsafeMutablePointer<pthread_rwlock_t>.allocate(capacity: 1)

    public init() {
        var attributes = pthread_rwlockattr_t()
        pthread_rwlockattr_init(&attributes)
        // A stream of readers must not starve a writer.
        pthread_rwlockattr_setkind_np(&attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
        pthread_rwlock_init(lock, &attributes)
        pthread_rwlockattr_destroy(&attributes)
    }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    // Inlined: without it, callers in other modules copy the value through its type's witnesses.

    @inlinable
    public func reading<Value>(_ body: () throws -> Value) rethrows -> Value {
        lockForReading()
        defer { unlock() }
        return try body()
    }

    @inlinable
    public func writing<Value>(_ body: () throws -> Value) rethrows -> Value {
        lockForWriting()
        defer { unlock() }
        return try body()
    }

    @usableFromInline func lockForReading() { pthread_rwlock_rdlock(lock) }

    @usableFromInline func lockForWriting() { pthread_rwlock_wrlock(lock) }

    @usableFromInline func unlock() { pthread_rwlock_unlock(lock) }
}
