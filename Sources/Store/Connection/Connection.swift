import CLibpq
import Glibc

/// A connection to PostgreSQL, owner of the PGconn. For one thread; every call blocks until the server has answered, is
/// known to be gone, or has not answered in time.
final class Connection {
    let handle: OpaquePointer
    /// Seconds that a server may take to answer one call; nil is for ever.
    private let timeout: Double?
    /// The server did not answer in time. What it made of the last call is not known, so nothing more is asked of it.
    private var isGivenUp = false
    private let warning = Warning()

    /// What a connection string that doesn't say otherwise gets. A server that went silent is given up after 30
    /// seconds; of several servers the one that takes writes is used, which is how a failover is followed.
    private static let defaults = [
        ("connect_timeout", "10"),
        ("keepalives_idle", "15"),
        ("keepalives_interval", "5"),
        ("keepalives_count", "3"),
        ("tcp_user_timeout", "30000"),
        ("target_session_attrs", "read-write"),
    ]

    /// Throws unless libpq can read the connection string. Its own message may quote a password, so it is not told.
    static func check(conninfo: String) throws(DatabaseError) {
        guard let options = PQconninfoParse(conninfo, nil) else {
            throw DatabaseError(
                message: "the connection string is malformed; write it as in 'host=db1,db2 dbname=lever user=...'")
        }
        PQconninfoFree(options)
    }

    /// Takes a libpq connection string or URI. A server that has not answered a call within `timeout` seconds is given up:
    /// keepalives tell that the host is there, not that the server does anything.
    /// `connectTimeout` is in seconds and for each server, in place of what the connection string or its defaults say.
    init(
        conninfo: String, application: String, timeout: Double? = nil, connectTimeout: Int? = nil
    ) throws(DatabaseError) {
        try Self.check(conninfo: conninfo)

        // Of a keyword given twice the last one counts, so what stands before the connection string is a default.
        let settings =
            Self.defaults + [("fallback_application_name", application), ("dbname", conninfo)]
            + [("client_encoding", "UTF8")] + (connectTimeout.map { [("connect_timeout", "\($0)")] } ?? [])
        let handle = withCStrings(settings.map(\.0)) { keywords in
            withCStrings(settings.map(\.1)) { values in PQconnectdbParams(keywords, values, 1) }
        }
        guard let handle else { throw DatabaseError(message: "out of memory") }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            throw .unreachable(handle)
        }
        PQsetNoticeReceiver(
            handle,
            { context, notice in
                guard PQresultErrorField(notice, fieldCode("V")).map({ String(cString: $0) }) == "WARNING" else {
                    return
                }
                Unmanaged<Warning>.fromOpaque(context!).takeUnretainedValue().text =
                    PQresultErrorField(notice, fieldCode("M")).map { String(cString: $0) }
            }, Unmanaged.passUnretained(warning).toOpaque())
        PQsetnonblocking(handle, 1)
        self.handle = handle
        self.timeout = timeout
    }

    deinit { PQfinish(handle) }

    /// The descriptor to poll for notifications.
    var socket: Int32 { PQsocket(handle) }

    /// False once the connection broke; make a new one then.
    var isUsable: Bool { !isGivenUp && PQstatus(handle) == CONNECTION_OK }

    /// Runs statements that take no parameters, and drops what they return.
    func execute(_ statements: String) throws(DatabaseError) {
        _ = try result(of: { PQsendQuery(handle, statements) })
    }

    @discardableResult
    func query(_ statement: String, _ parameters: Parameter...) throws(DatabaseError) -> Rows {
        try query(statement, parameters)
    }

    /// `meanwhile` is called once the server has it, and works on it.
    @discardableResult
    func query(
        _ statement: String, _ parameters: [Parameter], meanwhile: () -> Void = {}
    ) throws(DatabaseError) -> Rows {
        let types = parameters.map { Oid($0.type) }
        let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: parameters.count)
        return try result(
            of: {
                withPointers(parameters.map(\.bytes)) { values in
                    PQsendQueryParams(handle, statement, Int32(parameters.count), types, values, lengths, formats, 1)
                }
            }, meanwhile: meanwhile)
    }

    /// Commits what the body did, or takes it all back if it throws.
    func transaction<Value>(_ body: () throws -> Value) throws -> Value {
        try execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        do {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// The last warning that the server gave with a result, taken out.
    func takeWarning() -> String? {
        defer { warning.text = nil }
        return warning.text
    }

    /// Takes in what the server sent unasked and returns the channels that were notified. Does not block.
    func notifications() throws(DatabaseError) -> [String] {
        guard PQconsumeInput(handle) == 1 else { throw DatabaseError(result: nil, connection: handle) }
        var channels: [String] = []
        while let notification = PQnotifies(handle) {
            channels.append(String(cString: notification.pointee.relname))
            PQfreemem(notification)
        }
        return channels
    }

    // MARK: Waiting for the server

    /// Sends, and returns the last result that the server gives; the first failure ends what was sent. `meanwhile` is called
    /// while the server works, if it does.
    private func result(of send: () -> Int32, meanwhile: () -> Void = {}) throws(DatabaseError) -> Rows {
        guard !isGivenUp else { throw DatabaseError(message: "the connection was given up") }
        let deadline = timeout.map { ContinuousClock.now + .seconds($0) }
        guard send() == 1 else { throw DatabaseError(result: nil, connection: handle) }
        try flush(until: deadline)
        meanwhile()
        var last: Rows?
        while true {
            while PQisBusy(handle) == 1 {
                try wait(for: POLLIN, until: deadline)
                // What came before the end, such as why, is a result still.
                if PQconsumeInput(handle) != 1 { break }
            }
            guard let next = PQgetResult(handle) else { break }
            let rows = Rows(owning: next)
            // Why a server ended the connection comes before the news that it did.
            if last?.isComplete ?? true { last = rows }
        }
        guard let last, last.isComplete else { throw DatabaseError(result: last?.result, connection: handle) }
        return last
    }

    /// Sends what libpq holds. Reads as well: a server that waits for its own words to be read takes no more of ours. What
    /// fails here is the next result.
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
                isGivenUp = true
                throw DatabaseError(
                    message: "no answer within \(Int(timeout ?? 0)) s; the server hangs, is overloaded, or waits for a "
                        + "synchronous standby; the connection is given up")
            }
        }
    }
}

/// Filled in by libpq, which calls back while one of our calls runs.
private final class Warning {
    var text: String?
}

/// The letter that names a field of an error or a notice.
private func fieldCode(_ letter: Character) -> Int32 { Int32(letter.asciiValue!) }

/// Null-terminated array of C strings, for the time of the call.
private func withCStrings<Value>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
) -> Value {
    withPointers(strings.map { Array($0.utf8) + [0] } + [nil], body)
}

/// The addresses of several byte strings at once, NULL for nil, for the time of the call: they stand one behind the
/// other in one buffer. The one past the end is never read, since PostgreSQL is told each length.
private func withPointers<Value>(
    _ values: [[UInt8]?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
) -> Value {
    // Values as large as a part of a message: copied once, and not byte by byte as `joined()` does.
    var buffer: [UInt8] = []
    buffer.reserveCapacity(values.reduce(1) { $0 + ($1?.count ?? 0) })
    for case let value? in values { buffer += value }
    buffer.append(0)
    return buffer.withUnsafeBytes { bytes in
        var position = bytes.bindMemory(to: CChar.self).baseAddress!
        let pointers = values.map { value -> UnsafePointer<CChar>? in
            guard let value else { return nil }
            defer { position += value.count }
            return position
        }
        return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
    }
}
