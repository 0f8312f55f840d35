import CLibpq
import Glibc

/// Waiting for the server, within the connection's time limit.
extension Connection {
    /// Sends, and returns the last result that the server gives; the first failure ends what was sent. `meanwhile` is
    /// called once everything is sent.
    func result(of send: () -> Int32, meanwhile: () -> Void = {}) throws(DatabaseError) -> Rows {
        guard !hasTimedOut else { throw DatabaseError(message: "the connection has timed out") }
        let deadline = timeout.map { ContinuousClock.now + .seconds($0) }
        guard send() == 1 else { throw DatabaseError(result: nil, connection: handle) }
        try flush(until: deadline)
        meanwhile()
        var last: Rows?
        while true {
            while PQisBusy(handle) == 1 {
                try wait(for: POLLIN, until: deadline)
                // What was received before the end, such as the reason for it, is still a result.
                if PQconsumeInput(handle) != 1 { break }
            }
            guard let next = PQgetResult(handle) else { break }
            let rows = Rows(owning: next)
            // A server that ends the connection gives its reason first, and libpq reports the lost connection after
            // that.
            if last?.isComplete ?? true { last = rows }
        }
        guard let last, last.isComplete else { throw DatabaseError(result: last?.result, connection: handle) }
        return last
    }

    /// Sends what libpq has buffered. Reads as well, since a server that waits for its own output to be read accepts no
    /// more of ours. A failure here shows in the next result.
    private func flush(until deadline: ContinuousClock.Instant?) throws(DatabaseError) {
        while case let left = PQflush(handle), left != 0 {
            guard left > 0 else { return }
            try wait(for: POLLIN | POLLOUT, until: deadline)
            guard PQconsumeInput(handle) == 1 else { return }
        }
    }

    private func wait(for events: Int32, until deadline: ContinuousClock.Instant?) throws(DatabaseError) {
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
        guard descriptor.fd >= 0 else { throw DatabaseError(result: nil, connection: handle) }
        while true {
            let left = deadline.map { max(.zero, $0 - .now) / .milliseconds(1) }
            let count = poll(&descriptor, 1, left.map { Int32($0.rounded(.up)) } ?? -1)
            if count > 0 { return }
            guard count == 0 || errno == EINTR else {
                throw DatabaseError(message: "cannot wait for the server: \(String(cString: strerror(errno)))")
            }
            if count == 0 {
                hasTimedOut = true
                throw DatabaseError(
                    message: "no answer within \(Int(timeout ?? 0)) s; the server hangs, is overloaded, or waits for a "
                        + "synchronous standby; the connection is closed")
            }
        }
    }
}
