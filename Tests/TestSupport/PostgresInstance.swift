import Glibc
import Synchronization

/// A PostgreSQL of the test's own: a new cluster in a temporary directory, on a free port of 127.0.0.1 and on a unix
/// socket. Nothing is flushed to the disk, which makes it quick and loses data in a power cut alone.
///
/// PostgreSQL refuses to run as root; the superuser's processes run as user postgres then.
public final class PostgresInstance: Sendable {
    public let port: UInt16
    private let directory: TemporaryDirectory
    private let server = Mutex<ChildProcess?>(nil)

    /// The cluster's data directory.
    public var dataDirectory: String { directory.file("data") }
    public var log: String { directory.file("log") }

    /// Makes a cluster and starts it; takes a second or two.
    public init() throws {
        directory = try TemporaryDirectory("postgres")
        port = try Loopback.freePort()
        try directory.makeDirectory("data", mode: 0o700, owner: "postgres")
        try directory.makeDirectory("socket", mode: 0o777)
        try Command.check(
            Self.asPostgres + [
                "initdb", "--pgdata", dataDirectory, "--username=postgres", "--auth=trust", "--encoding=UTF8",
                "--locale=C.UTF-8", "--no-sync", "--no-instructions",
            ])
        try start()
    }

    deinit { try? stop() }

    /// A libpq connection string.
    public func connectionString(database: String = "postgres", user: String = "postgres") -> String {
        "host=127.0.0.1 port=\(port) dbname=\(database) user=\(user)"
    }

    /// Returns when the server answers. The port and the data are the same as before.
    public func start() throws {
        try server.withLock { server in
            guard server == nil else { return }
            let process = try ChildProcess(
                Self.asPostgres + [
                    "postgres", "-D", dataDirectory, "-p", "\(port)", "-k", directory.file("socket"),
                    "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "synchronous_commit=off",
                    "-c", "full_page_writes=off", "-c", "shared_buffers=32MB", "-c", "autovacuum=off",
                ], output: log, stopSignal: .quit)
            server = process
            try poll("PostgreSQL to start; see \(log)", timeout: 30) {
                guard process.isRunning else {
                    throw HarnessError(String(decoding: try contents(of: log), as: UTF8.self))
                }
                return try Command.run(["pg_isready", "-q", "-h", "127.0.0.1", "-p", "\(port)"]).status == 0 ? () : nil
            }
        }
    }

    /// Stops the server; clients lose their connections.
    public func stop() throws {
        try server.withLock { server in
            server?.send(SIGINT)
            try server?.waitForExit(timeout: 30)
            server = nil
        }
    }

    public func restart() throws {
        try stop()
        try start()
    }

    public func createDatabase(_ name: String) throws {
        try query("CREATE DATABASE \(name)")
    }

    /// Runs SQL and returns what it gives: a line a row, `|` between the columns.
    @discardableResult
    public func query(_ sql: String, database: String = "postgres", user: String = "postgres") throws -> String {
        let output = try Command.check(
            [
                "psql", connectionString(database: database, user: user), "--no-psqlrc", "--quiet", "--no-align",
                "--tuples-only", "--set=ON_ERROR_STOP=1", "--file=-",
            ], input: Array(sql.utf8))
        return output.hasSuffix("\n") ? String(output.dropLast()) : output
    }

    private static let asPostgres =
        geteuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []
}
