import Foundation
import Synchronization

/// A PostgreSQL of the test's own: a new cluster in a temporary directory, on a free port of 127.0.0.1 and on a unix
/// socket. Nothing is flushed to the disk, which makes it quick and loses data in a power cut. A commit does not even
/// wait for the write to the log, so that kill -9 loses the last of them; `synchronous_commit=on` changes that.
///
/// PostgreSQL refuses to run as root; the superuser's processes run as user postgres then.
public final class PostgresInstance: Sendable {
    public let port: UInt16
    private let directory: TemporaryDirectory
    private let settings: [String: String]
    private let server = Mutex<ChildProcess?>(nil)

    /// The cluster's data directory.
    public var dataDirectory: String { directory.file("data") }
    public var log: String { directory.file("log") }

    /// Makes a cluster and starts it; takes a second or two. `settings`: parameters of the server's.
    public convenience init(settings: [String: String] = [:]) throws {
        try self.init(settings: settings) { directory in
            try Command.check(
                Self.asPostgres + [
                    "initdb", "--pgdata", directory, "--username=postgres", "--auth=trust", "--encoding=UTF8",
                    "--locale=C.UTF-8", "--no-sync", "--no-instructions",
                ])
        }
    }

    /// Makes a physical standby of a running cluster and starts it: it follows, and answers queries read-only.
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

    /// Returns when the server answers. The port and the data are the same as before.
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

    /// Stops the process that writes the log behind commits which do not wait for that. What a kill leaves of them is
    /// chance otherwise.
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

    /// Makes a standby the primary; returns when it takes writes.
    public func promote() throws {
        guard try query("SELECT pg_promote(true, 60)") == "t" else { throw HarnessError("not promoted; see \(log)") }
    }

    /// Makes a standby of a cluster that is stopped, in place of all that it had, and starts it.
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

    /// Ends every process of the server as a power cut does, but for what the system has to write yet. Returns when none
    /// is left.
    public func kill() throws {
        try server.withLock { server in
            guard let process = server else { return }
            let processes = try children(of: process.pid)
            // The server first: it would notice a backend's end and restart the others.
            process.send(SIGKILL)
            for child in processes { child.send(SIGKILL) }
            try process.waitForExit(timeout: 10)
            // They hold the shared memory, without which a new server refuses to start.
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

    /// Stops every process of the server where it is: it hangs, and its host still answers for it.
    public func suspend() throws { try sendToAll(SIGSTOP) }

    /// Ends that; also that of single processes.
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
