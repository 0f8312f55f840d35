import Glibc

/// A program that runs while this process reads its standard output. It is started without a shell, so an argument is
/// passed as it is; its standard input and error are /dev/null.
///
/// Ends with this value: a program that still runs is killed.
public struct ProgramOutput: ~Copyable {
    /// The end of the pipe to read from.
    public let descriptor: Int32
    private let pid: pid_t

    /// `arguments[0]` is the program: a path, or a name that is searched for in PATH. It inherits this process'
    /// environment unless it gets one of its own.
    public init(_ arguments: [String], environment: [String]? = nil) throws(SystemError) {
        let ends = try closedOnExecPipe()
        defer { close(ends.writing) }
        do {
            pid = try spawn(arguments, environment: environment) { actions in
                posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
                posix_spawn_file_actions_adddup2(&actions, ends.writing, 1)
                posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
            }
        } catch {
            close(ends.reading)
            throw error
        }
        descriptor = ends.reading
    }

    deinit {
        close(descriptor)
        kill(pid, SIGKILL)
        _ = waitForEnd(of: pid)
    }

    /// The next bytes of output; 0 at its end.
    public borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try readBytes(descriptor, into: buffer, path: "the output of a program")
    }

    /// Waits for the program to end; call it at the end of the output. True if it ended with the status 0.
    public consuming func succeeded() -> Bool {
        close(descriptor)
        let status = waitForEnd(of: pid)
        discard self
        return status == 0
    }
}
