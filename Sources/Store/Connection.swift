import CLibpq

/// A connection to PostgreSQL, owner of the PGconn. For one thread; every call blocks until the server has answered or
/// is known to be gone.
final class Connection {
    private let handle: OpaquePointer

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

    /// Takes a libpq connection string or URI.
    init(conninfo: String, application: String) throws(DatabaseError) {
        try Self.check(conninfo: conninfo)

        // Of a keyword given twice the last one counts, so what stands before the connection string is a default.
        let settings =
            Self.defaults + [("fallback_application_name", application), ("dbname", conninfo)]
            + [("client_encoding", "UTF8")]
        let handle = withCStrings(settings.map(\.0)) { keywords in
            withCStrings(settings.map(\.1)) { values in PQconnectdbParams(keywords, values, 1) }
        }
        guard let handle else { throw DatabaseError(message: "out of memory") }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            throw .unreachable(handle)
        }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        self.handle = handle
    }

    deinit { PQfinish(handle) }

    /// The descriptor to poll for notifications.
    var socket: Int32 { PQsocket(handle) }

    /// False once the connection broke; make a new one then.
    var isUsable: Bool { PQstatus(handle) == CONNECTION_OK }

    /// Runs statements that take no parameters, and drops what they return.
    func execute(_ statements: String) throws(DatabaseError) {
        let result = PQexec(handle, statements)
        defer { PQclear(result) }
        try check(result)
    }

    @discardableResult
    func query(_ statement: String, _ parameters: Parameter...) throws(DatabaseError) -> Rows {
        try query(statement, parameters)
    }

    @discardableResult
    func query(_ statement: String, _ parameters: [Parameter]) throws(DatabaseError) -> Rows {
        let types = parameters.map { Oid($0.type) }
        let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: parameters.count)
        let result = withPointers(parameters.map(\.bytes)) { values in
            PQexecParams(handle, statement, Int32(parameters.count), types, values, lengths, formats, 1)
        }
        do {
            try check(result)
        } catch {
            PQclear(result)
            throw error
        }
        return Rows(owning: result!)
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

    private func check(_ result: OpaquePointer?) throws(DatabaseError) {
        let status = PQresultStatus(result)
        guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY else {
            throw DatabaseError(result: result, connection: handle)
        }
    }
}

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
