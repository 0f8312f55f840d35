import Glibc
import Synchronization

/// A child process. Its output goes to files, so that it never waits for a reader.
public final class ChildProcess: Sendable {
    /// Where standard input comes from.
    enum Input {
        case nothing
        case file(String)
        case descriptor(Int32)
    }

    /// How a process ended: its exit status, or 128 and the signal that ended it, as the shell counts.
    public typealias ExitStatus = Int32

    public let pid: Int32
    private let stopSignal: StopSignal
    private let status = Mutex<ExitStatus?>(nil)

    /// The signal that stops a process gracefully.
    public enum StopSignal: String, Sendable {
        case terminate = "TERM"
        case quit = "QUIT"
        case kill = "KILL"

        var number: Int32 {
            switch self {
            case .terminate: SIGTERM
            case .quit: SIGQUIT
            case .kill: SIGKILL
            }
        }
    }

    /// Starts a process as leader of its own process group. `output` takes standard output and error; `inherited` is
    /// descriptor 3 in the child, as a service manager passes a listening socket.
    public init(
        _ arguments: [String], environment: [String: String] = [:], output: String, inherited: Int32? = nil,
        stopSignal: StopSignal = .terminate
    ) throws {
        pid = try Self.spawn(
            arguments, environment: environment, output: output, error: output, inherited: inherited)
        self.stopSignal = stopSignal
        Reaper.shared.watch(process: pid, signal: stopSignal.rawValue)
    }

    deinit { _ = try? stop() }

    /// Checks once whether the process has ended.
    public var exitStatus: ExitStatus? {
        status.withLock { status in
            if status == nil, let ended = Self.reap(pid, WNOHANG) {
                status = ended
                Reaper.shared.forget(process: pid, signal: stopSignal.rawValue)
            }
            return status
        }
    }

    public var isRunning: Bool { exitStatus == nil }

    /// Sends a signal, unless the process has ended.
    public func send(_ signal: Int32) {
        status.withLock { if $0 == nil { Glibc.kill(pid, signal) } }
    }

    /// Stops the process gracefully and waits for its end; after the time-out, in seconds, kills it and throws.
    @discardableResult
    public func stop(timeout: Double = 30) throws -> ExitStatus {
        send(stopSignal.number)
        do {
            return try waitForExit(timeout: timeout)
        } catch {
            send(SIGKILL)
            try waitForExit(timeout: 10)
            throw error
        }
    }

    /// Waits that many seconds for the process to end by itself.
    @discardableResult
    public func waitForExit(timeout: Double) throws -> ExitStatus {
        try poll("process \(pid) to end", timeout: timeout) { exitStatus }
    }

    static func reap(_ pid: pid_t, _ options: Int32) -> ExitStatus? {
        var raw: Int32 = 0
        guard waitpid(pid, &raw, options) == pid else { return nil }
        return raw & 0x7f == 0 ? raw >> 8 & 0xff : 128 + raw & 0x7f
    }

    /// The first argument is the program, found by PATH. No `output` or `error` means /dev/null.
    static func spawn(
        _ arguments: [String], environment: [String: String] = [:], input: Input = .nothing, output: String? = nil,
        error: String? = nil, inherited: Int32? = nil
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        switch input {
        case .nothing: posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        case .file(let path): posix_spawn_file_actions_addopen(&actions, 0, path, O_RDONLY, 0)
        case .descriptor(let number): posix_spawn_file_actions_adddup2(&actions, number, 0)
        }
        if let inherited { posix_spawn_file_actions_adddup2(&actions, inherited, 3) }
        let append = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 1, output ?? "/dev/null", append, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, error ?? "/dev/null", append, 0o644)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

        var variables = Self.environment
        variables.merge(environment) { $1 }
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, argv, envp)
        guard code == 0 else { throw HarnessError("cannot start \(arguments[0]): \(String(cString: strerror(code)))") }
        return pid
    }

    /// The environment of every child: nothing of the caller's that could change a result.
    private static let environment = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            + (PostgresPrograms.directory.map { ":\($0)" } ?? ""),
        "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/nonexistent",
    ]
}
