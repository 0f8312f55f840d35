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
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .last("create", "a pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let words = arguments.map { strdup($0) } + [nil]
        let variables = environment.map { $0.map { strdup($0) } + [nil] }
        defer { (words + (variables ?? [])).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, arguments[0], &actions, nil, words, variables ?? Self.ownEnvironment)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw SystemError("start", arguments[0], code)
        }
        (descriptor, self.pid) = (ends[0], pid)
    }

    deinit {
        close(descriptor)
        kill(pid, SIGKILL)
        _ = Self.wait(pid)
    }

    /// The next bytes of output; 0 at its end.
    public borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try readBytes(descriptor, into: buffer, path: "the output of a program")
    }

    /// Waits for the program to end; call it at the end of the output. True if it ended with the status 0.
    public consuming func succeeded() -> Bool {
        close(descriptor)
        let status = Self.wait(pid)
        discard self
        return status == 0
    }

    private static var ownEnvironment: [UnsafeMutablePointer<CChar>?] {
        var variables: [UnsafeMutablePointer<CChar>?] = []
        var next = environ
        while let variable = next.pointee {
            variables.append(variable)
            next += 1
        }
        return variables + [nil]
    }

    private static func wait(_ pid: pid_t) -> Int32 {
        var status: Int32 = -1
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
