import Foundation
import Synchronization
import TestSupport

extension StoreDatabase {
    /// Runs the body on a thread of its own and returns once it waits for a lock; the returned function waits for its
    /// end. It does not suspend: after tests that run before it is resumed, the server may have given up on the lock.
    func blocked<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) throws -> () async throws -> Value {
        let box = ResultBox<Value>()
        Thread.detachNewThread {
            let result = Result { try body() }
            box.result.withLock { $0 = result }
        }
        try poll("the statement to wait for a lock", timeout: 30) {
            let waiting = try query(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(name)' AND wait_event_type = 'Lock'")
            if let early = box.result.withLock({ $0 }) {
                throw HarnessError("the statement waited for no lock: \(try early.get())")
            }
            return waiting == "1" ? () : nil
        }
        return { try await waitFor("the statement") { box.result.withLock { $0 } }.get() }
    }
}

private final class ResultBox<Value: Sendable>: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
}
