/// An immutable value that any thread reads all the time, and that is replaced as a whole now and then.
public final class Snapshot<Value: Sendable>: @unchecked Sendable {
    // Sendable: the value is read and written under the lock.
    @usableFromInline let lock = ReadWriteLock()
    @usableFromInline var value: Value

    public init(_ value: Value) { self.value = value }

    @inlinable public var current: Value { lock.reading { value } }

    public func replace(with new: Value) {
        // The old value is freed after the lock is released, so that no reader waits for that.
        var other = new
        lock.writing { swap(&value, &other) }
    }
}
