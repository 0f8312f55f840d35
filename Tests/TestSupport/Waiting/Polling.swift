import Glibc

/// Polls every few milliseconds until there is a value; throws after the time-out, in seconds. Blocks its thread, so
/// use it only for what takes a moment.
@discardableResult
public func poll<Value>(_ what: @autoclosure () -> String, timeout: Double, _ look: () throws -> Value?) throws -> Value
{
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: .seconds(timeout))
    var pause: UInt32 = 1000
    while true {
        if let value = try look() { return value }
        guard clock.now < deadline else { throw HarnessError("waited \(timeout) s for \(what())") }
        usleep(pause)
        pause = min(pause * 2, 20_000)
    }
}

/// Polls until there is a value; throws after the time-out, in seconds. `what` completes "waited for".
@discardableResult
public func waitFor<Value>(
    _ what: @autoclosure () -> String, timeout: Double = 30, _ look: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: .seconds(timeout))
    while true {
        if let value = try await look() { return value }
        guard clock.now < deadline else { throw HarnessError("waited \(timeout) s for \(what())") }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Waits until a condition holds; throws after the time-out, in seconds. `what` completes "waited for".
public func waitUntil(
    _ what: @autoclosure () -> String, timeout: Double = 30, _ holds: () async throws -> Bool
) async throws {
    try await waitFor(what(), timeout: timeout) { try await holds() ? () : nil }
}
