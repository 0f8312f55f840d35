import Glibc

/// A program that is run to its end, without a shell.
public struct ProgramRun: Sendable {
    /// How it ended, and what it wrote if that was collected.
    public struct Outcome: Hashable, Sendable {
        /// The exit status; 128 and the signal's number if a signal ended it.
        public let status: Int32
        /// Standard output and standard error, as they came.
        public let output: [UInt8]

        public init(status: Int32, output: [UInt8] = []) {
            self.status = status
            self.output = output
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

    /// Runs it and collects what it writes.
    public func collect() throws(SystemError) -> Outcome {
        let ends = try closedOnExecPipe()
        defer { close(ends.reading) }
        let pid: pid_t
        do {
            defer { close(ends.writing) }
            pid = try start { actions in
                posix_spawn_file_actions_adddup2(&actions, ends.writing, 1)
                posix_spawn_file_actions_adddup2(&actions, ends.writing, 2)
            }
        }
        var output: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 8192, alignment: 1)
        defer { chunk.deallocate() }
        while case let count = try readBytes(ends.reading, into: chunk, path: "the output of a program"), count > 0 {
            output += chunk[..<count]
        }
        return Outcome(status: Self.exitStatus(waitForEnd(of: pid)), output: output)
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
