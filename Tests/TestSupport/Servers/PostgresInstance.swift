import Foundation
import Synchronization

/// A private PostgreSQL: a new cluster in a temporary directory, on a free port of 127.0.0.1 and on a unix socket.
/// Nothing is flushed to disk, which is fast and loses data in a power cut. A commit does not even wait for the write
/// to the log, so kill -9 loses the last ones; `synchronous_commit=on` changes that.
///
/// PostgreSQL refuses to run as root, so as root its processes run as user postgres.
public final class PostgresInstance: Sendable {
    public let port: UInt16
    private let directory: TemporaryDirectory
    private let settings: [String: String]
    private let server = Mutex<ChildProcess?>(nil)

    /// The cluster's data directory.
    public var dataDirectory: String { directory.file("data") }
    public var log: String { directory.file("log") }

    /// Creates a cluster and starts it; takes a second or two. `settings` are server parameters.
    public convenience init(settings: [String: String] = [:]) throws {
        try self.init(settings: settings) { directory in
            try Command.check(
                Self.asPostgres + [
                    "initdb", "--pgdata", directory, "--username=postgres", "--auth=trust", "--encoding=UTF8",
                    "--locale=C.UTF-8", "--no-sync", "--no-instructions",
                ])
        }
    }

    /// Creates a physical standby of a running cluster and starts it; it answers read-only queries.
    public convenience init(standbyOf primary: PostgresInstance, settings: [String: String] = [:]) throws {
        try self.init(settings: settings) { try Self.copy(primary, to: $0) }
    }

    private init(settings: [String: String], make: (_ dataDirectory: String) throws -> Void) throws {
        directory = try TemporaryDirectory("postgres")
        port = try Loopback.freePort()
        self.settings = settings
        try directory.makeDirectory("data", mode: 0o700, owner: "postgres")
        try directory.makeDirectory("socket", mode: 0o777)
        try make(dataDirectory)
        try start()
    }

    deinit {
        try? resume()
        try? stop()
    }

    /// A libpq connection string.
    public func connectionString(database: String = "postgres", user: String = "postgres") -> String {
        "host=127.0.0.1 port=\(port) dbname=\(database) user=\(user)"
    }

    /// Starts the server again with the same port and data, and returns when it answers.
    public func start() throws {
        try server.withLock { server in
            guard server == nil else { return }
            let process = try ChildProcess(
                Self.asPostgres + [
                    "postgres", "-D", dataDirectory, "-p", "\(port)", "-k", directory.file("socket"),
                    "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "synchronous_commit=off",
                    "-c", "full_page_writes=off", "-c", "shared_buffers=32MB", "-c", "autovacuum=off",
                ] + settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0)=\($1)"] }, output: log,
                stopSignal: .quit)
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

    /// Stops the WAL writer, which flushes asynchronous commits. Otherwise it is chance how many of them survive a
    /// kill.
    public func stopLogWriter() throws {
        let writers = try server.withLock { try $0.map { try children(of: $0.pid) } ?? [] }
            .filter { $0.title.contains("walwriter") }
        guard writers.count == 1 else { throw HarnessError("\(writers.count) WAL writers") }
        writers[0].send(SIGSTOP)
    }

    public func restart() throws {
        try stop()
        try start()
    }

    /// Promotes a standby; returns when it accepts writes.
    public func promote() throws {
        guard try query("SELECT pg_promote(true, 60)") == "t" else { throw HarnessError("not promoted; see \(log)") }
    }

    /// Turns this stopped cluster into a new standby of another, replacing its data, and starts it.
    public func follow(_ primary: PostgresInstance) throws {
        try FileManager.default.removeItem(atPath: dataDirectory)
        try directory.makeDirectory("data", mode: 0o700, owner: "postgres")
        try Self.copy(primary, to: dataDirectory)
        try start()
    }

    private static func copy(_ primary: PostgresInstance, to directory: String) throws {
        try Command.check(
            asPostgres + [
                "pg_basebackup", "--pgdata", directory, "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
                "--dbname", primary.connectionString(),
            ])
    }

    /// Kills every process of the server, as a power cut would, except that the kernel still writes its cache. Returns
    /// when none is left.
    public func kill() throws {
        try server.withLock { server in
            guard let process = server else { return }
            let processes = try children(of: process.pid)
            // The server first: it would notice a backend's end and restart the others.
            process.send(SIGKILL)
            for child in processes { child.send(SIGKILL) }
            try process.waitForExit(timeout: 10)
            // They hold the shared memory, which keeps a new server from starting.
            try poll("the server's processes to end", timeout: 10) {
                processes.contains { access("/proc/\($0.pid)", F_OK) == 0 } ? nil : ()
            }
            server = nil
        }
    }

    /// Sends a signal to one of the server's own processes, such as a backend.
    public func send(_ signal: Int32, to pid: Int32) throws {
        try server.withLock { server in
            guard let server, let process = try children(of: server.pid).first(where: { $0.pid == pid }) else {
                throw HarnessError("\(pid) is no process of this server")
            }
            process.send(signal)
        }
    }

    /// Sends SIGSTOP to every process of the server: it hangs while its host still answers.
    public func suspend() throws { try sendToAll(SIGSTOP) }

    /// Resumes all of them, and single processes that were stopped.
    public func resume() throws { try sendToAll(SIGCONT) }

    private func sendToAll(_ signal: Int32) throws {
        try server.withLock { server in
            guard let server else { return }
            server.send(signal)
            for process in try children(of: server.pid) { process.send(signal) }
        }
    }

    public func createDatabase(_ name: String) throws {
        try query("CREATE DATABASE \(name)")
    }

    /// Runs SQL and returns the result: one row a line, columns separated by `|`.
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
