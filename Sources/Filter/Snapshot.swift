import Core

/// A value that sessions read all the time, from any thread, and that is replaced now and then.
final class Snapshot<Value: Sendable>: @unchecked Sendable {
    // Sendable: the value is read and written under the lock.
    private let lock = ReadWriteLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    var current: Value { lock.reading { value } }

    func replace(with new: Value) {
        // The old value is freed when nobody waits for the lock.
        var other = new
        lock.writing { swap(&value, &other) }
    }
}
