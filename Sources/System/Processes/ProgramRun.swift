import Glibc

/// A program that is run to its end, without a shell.
public struct ProgramRun: Sendable {
    /// How it ended, and what it wrote if that was collected.
    public struct Outcome: Hashable, Sendable {
        /// The exit status; 128 and the signal's number if a signal ended it.
        public let status: Int32
        /// Standard output, and standard error as it came between, unless that was collected apart.
        public let output: [UInt8]
        /// Standard error, collected apart.
        public let errors: [UInt8]

        public init(status: Int32, output: [UInt8] = [], errors: [UInt8] = []) {
            (self.status, self.output, self.errors) = (status, output, errors)
        }
    }

    /// The largest input, in bytes: what a pipe holds, so that writing it waits for nobody.
    public static let inputLimit = 65_536

    private let arguments: [String]
    private let environment: [String]?
    private let input: [UInt8]?

    /// `arguments[0]` is the program: a path, or a name that is searched for in PATH. It inherits this process'
    /// environment unless it gets one of its own. Its standard input is `input`, at most `inputLimit` bytes, else
    /// /dev/null.
    public init(_ arguments: [String], environment: [String]? = nil, input: [UInt8]? = nil) {
        precondition(input?.count ?? 0 <= Self.inputLimit)
        (self.arguments, self.environment, self.input) = (arguments, environment, input)
    }

    /// Runs it with this process' standard output and standard error.
    public func run() throws(SystemError) -> Outcome {
        fflush(nil)
        let pid = try start { _ in }
        return Outcome(status: Self.exitStatus(waitForEnd(of: pid)))
    }

    /// Runs it and collects what it writes. A program that has not closed its output after `timeout` seconds is killed,
    /// and the error's code is ETIMEDOUT.
    public func collect(errorsApart: Bool = false, timeout: Double = .infinity) throws(SystemError) -> Outcome {
        var reading: [Int32] = []
        defer { reading.forEach { close($0) } }
        let pid: pid_t
        do {
            var writing: [Int32] = []
            defer { writing.forEach { close($0) } }
            for _ in 0..<(errorsApart ? 2 : 1) {
                let ends = try closedOnExecPipe()
                reading.append(ends.reading)
                writing.append(ends.writing)
            }
            pid = try start { actions in
                posix_spawn_file_actions_adddup2(&actions, writing[0], 1)
                posix_spawn_file_actions_adddup2(&actions, writing[writing.count - 1], 2)
            }
        }
        var outputs = reading.map { _ in [UInt8]() }
        var ended = false
        do {
            defer { if !ended { kill(pid, SIGKILL) } }
            ended = try readPipes(reading, into: &outputs, seconds: timeout)
        } catch {
            _ = waitForEnd(of: pid)
            throw error
        }
        let status = Self.exitStatus(waitForEnd(of: pid))
        guard ended else { throw SystemError("wait for", arguments[0], ETIMEDOUT) }
        return Outcome(status: status, output: outputs[0], errors: errorsApart ? outputs[1] : [])
    }

    private func start(_ prepare: (inout posix_spawn_file_actions_t) -> Void) throws(SystemError) -> pid_t {
        guard let input else {
            return try spawn(arguments, environment: environment) { actions in
                posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
                prepare(&actions)
            }
        }
        let ends = try closedOnExecPipe()
        defer { close(ends.reading) }
        do {
            // Before there is a reader, so that its end cannot raise SIGPIPE here.
            defer { close(ends.writing) }
            var done = 0
            while done < input.count {
                let count = input.withUnsafeBytes { write(ends.writing, $0.baseAddress! + done, input.count - done) }
                guard count > 0 else { throw .last("write", "a pipe") }
                done += count
            }
        }
        return try spawn(arguments, environment: environment) { actions in
            posix_spawn_file_actions_adddup2(&actions, ends.reading, 0)
            prepare(&actions)
        }
    }

    /// wait(2)'s macros, which Swift does not import.
    private static func exitStatus(_ status: Int32) -> Int32 {
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}
