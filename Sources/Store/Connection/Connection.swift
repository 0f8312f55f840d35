import CLibpq
import Glibc
import System

/// A connection to PostgreSQL, owner of the PGconn. For one thread; every call blocks until the server has answered, is
/// known to be gone, or has not answered in time.
final class Connection {
    let handle: OpaquePointer
    /// Seconds that the server may take to answer one call; nil is no limit.
    let timeout: Double?
    /// The server did not answer in time. What became of the last call is unknown, so no further call is made.
    var hasTimedOut = false
    private let warning = Warning()

    /// Defaults for connection strings that say nothing else. A silent server is abandoned after 30 seconds, and of
    /// several servers the one that accepts writes is used, so that the client follows a failover.
    private static let defaults = [
        ("connect_timeout", "10"),
        ("keepalives_idle", "15"),
        ("keepalives_interval", "5"),
        ("keepalives_count", "3"),
        ("tcp_user_timeout", "30000"),
        ("target_session_attrs", "read-write"),
    ]

    /// Throws unless libpq can parse the connection string. libpq's own message may quote a password, so it is
    /// withheld.
    static func check(conninfo: String) throws(DatabaseError) {
        guard let options = PQconninfoParse(conninfo, nil) else {
            throw DatabaseError(
                message: "the connection string is malformed; write it as in 'host=db1,db2 dbname=lever user=...'")
        }
        PQconninfoFree(options)
    }

    /// Takes a libpq connection string or URI. A call that is not answered within `timeout` seconds ends the
    /// connection: TCP keepalives show that the host is up, not that the server is working. `connectTimeout` is in
    /// seconds per server and overrides the connection string. The login of a mail host has its password in the
    /// daemon's credential.
    init(
        conninfo: String, application: String, timeout: Double? = nil, connectTimeout: Int? = nil,
        isMailHost: Bool = false
    ) throws(DatabaseError) {
        try Self.check(conninfo: conninfo)
        let passwords = try PasswordFile(for: conninfo, credential: isMailHost ? CredentialStore.passwordFile : nil)

        // libpq uses the last value of a keyword that is given twice, so what precedes the connection string is a
        // default.
        let settings =
            Self.defaults + [("fallback_application_name", application), ("dbname", conninfo)]
            + [("client_encoding", "UTF8")] + (connectTimeout.map { [("connect_timeout", "\($0)")] } ?? [])
            + (passwords.readable.map { [("passfile", $0)] } ?? [])
        let handle = withCStrings(settings.map(\.0)) { keywords in
            withCStrings(settings.map(\.1)) { values in PQconnectdbParams(keywords, values, 1) }
        }
        guard let handle else { throw DatabaseError(message: "out of memory") }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            throw .unreachable(handle, passwords)
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

    /// False once the connection is broken; it must be replaced then.
    var isUsable: Bool { !hasTimedOut && PQstatus(handle) == CONNECTION_OK }

    /// Runs statements without parameters and discards their results.
    func execute(_ statements: String) throws(DatabaseError) {
        _ = try result(of: { PQsendQuery(handle, statements) })
    }

    @discardableResult
    func query(_ query: Query) throws(DatabaseError) -> Rows {
        try self.query(query, meanwhile: {})
    }

    /// `meanwhile` is called once the statement is sent, while the server works on it.
    func query(_ query: Query, meanwhile: () -> Void) throws(DatabaseError) -> Rows {
        let parameters = query.parameters
        let types = parameters.map { Oid($0.type) }
        let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: parameters.count)
        return try result(
            of: {
                withPointers(parameters.map(\.bytes)) { values in
                    PQsendQueryParams(handle, query.sql, Int32(parameters.count), types, values, lengths, formats, 1)
                }
            }, meanwhile: meanwhile)
    }

    /// Commits if the body returns, rolls back if it throws.
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

    /// Returns and clears the last warning that came with a result.
    func takeWarning() -> String? {
        defer { warning.text = nil }
        return warning.text
    }

    /// Reads what the server has sent and returns the channels of its notifications. Does not block.
    func notifications() throws(DatabaseError) -> [String] {
        guard PQconsumeInput(handle) == 1 else { throw DatabaseError(result: nil, connection: handle) }
        var channels: [String] = []
        while let notification = PQnotifies(handle) {
            channels.append(String(cString: notification.pointee.relname))
            PQfreemem(notification)
        }
        return channels
    }
}

/// Filled in by libpq, which calls back during our own calls.
private final class Warning {
    var text: String?
}

/// The letter that names a field of an error or a notice.
private func fieldCode(_ letter: Character) -> Int32 { Int32(letter.asciiValue!) }
