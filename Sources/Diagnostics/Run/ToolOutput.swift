import Glibc

/// The output of a system command. It is given a few seconds, and a fixed environment.
enum ToolOutput {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs the program and discards its standard error. Throws if it fails or takes longer than `seconds`.
    static func of(_ arguments: [String], seconds: Int) throws(Failure) -> String {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure(description: errorText()) }
        defer { close(ends[0]) }
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addclose(&actions, ends[1])
        let argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        let variables: [String] = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]
        let envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, arguments[0], &actions, nil, argv, envp)
        close(ends[1])
        guard code == 0 else { throw Failure(description: "\(arguments[0]): \(errorText(code))") }

        let deadline = ContinuousClock.now + .seconds(seconds)
        let output = read(ends[0], until: deadline)
        var status: Int32 = 0
        if output == nil { kill(pid, SIGKILL) }
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        guard let output else { throw Failure(description: "\(arguments[0]) did not finish within \(seconds) s") }
        guard status == 0 else {
            throw Failure(description: "\(arguments.joined(separator: " ")) failed; run it to see why")
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Reads to the end; nil if that does not come in time.
    private static func read(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> [UInt8]? {
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 8192)
        while true {
            let left = Int32(max(.zero, deadline - .now) / .milliseconds(1))
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, left)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return output }
            output += chunk[..<count]
        }
    }
}
