import Glibc

/// A program that was run to its end. It is started without a shell, so an argument is passed as it is.
public struct ProgramCall: Sendable {
    /// The exit status; nil if a signal ended the program.
    public let status: Int32?
    public let output: [UInt8]
    /// What it wrote to standard error.
    public let errors: [UInt8]

    /// Bytes of input, at most: a pipe takes them before anybody reads, so nobody has to write while the program runs.
    public static let inputLimit = 4096
    /// Bytes of output and of errors that are kept.
    private static let outputLimit = 1 << 16

    /// Runs a program with `input` as its standard input, and waits for its end. `arguments[0]` is a path, or a name
    /// that is searched for in PATH. A program that is still running after `timeout` seconds is killed; the error's code
    /// is then ETIMEDOUT, and ENOENT if there is no such program.
    public init(_ arguments: [String], input: [UInt8], timeout: Double) throws(SystemError) {
        precondition(input.count <= Self.inputLimit)
        let name = arguments[0]
        var pipes = Pipes()
        defer { pipes.closeAll() }
        for _ in 0..<3 { try pipes.add() }
        guard input.isEmpty || write(pipes.ends[1], input, input.count) == input.count else {
            throw .last("write to", name)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (own, child) in [(0, 0), (3, 1), (5, 2)] as [(Int, Int32)] {
            posix_spawn_file_actions_adddup2(&actions, pipes.ends[own], child)
        }
        let words = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, name, &actions, nil, words, environ)
        guard code == 0 else { throw SystemError("start", name, code) }
        // The program's ends, and ours of its input: it reads what is in the pipe, and then the end.
        for end in [0, 1, 3, 5] { pipes.close(end) }

        var outputs: [[UInt8]] = [[], []]
        let ended = Self.collect(&outputs, from: [pipes.ends[2], pipes.ends[4]], seconds: timeout)
        if !ended { kill(pid, SIGKILL) }
        var wait: Int32 = 0
        while waitpid(pid, &wait, 0) < 0, errno == EINTR {}
        guard ended else { throw SystemError("wait for", name, ETIMEDOUT) }
        status = wait & 0x7f == 0 ? wait >> 8 & 0xff : nil
        (output, errors) = (outputs[0], outputs[1])
    }

    /// Reads until every descriptor is at its end. False if that takes too long.
    private static func collect(_ outputs: inout [[UInt8]], from descriptors: [Int32], seconds: Double) -> Bool {
        let deadline = MonotonicClock.seconds + seconds
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        defer { for index in buffer.indices { buffer[index] = 0 } }
        while polled.contains(where: { $0.fd >= 0 }) {
            let left = deadline - MonotonicClock.seconds
            guard left > 0 else { return false }
            guard poll(&polled, nfds_t(polled.count), Int32(min(left, 3600) * 1000) + 1) > 0 else { continue }
            for index in polled.indices where polled[index].fd >= 0 && polled[index].revents != 0 {
                let count = read(polled[index].fd, &buffer, buffer.count)
                if count > 0 {
                    outputs[index] += buffer.prefix(min(count, outputLimit - outputs[index].count))
                } else if count == 0 || errno != EINTR {
                    polled[index].fd = -1
                }
            }
        }
        return true
    }

    private struct Pipes {
        /// Reading and writing ends in turn; -1 once closed.
        var ends: [Int32] = []

        mutating func add() throws(SystemError) {
            var pair: [Int32] = [0, 0]
            guard pipe(&pair) == 0 else { throw .last("create", "a pipe") }
            for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            ends += pair
        }

        mutating func close(_ index: Int) {
            guard ends[index] >= 0 else { return }
            Glibc.close(ends[index])
            ends[index] = -1
        }

        mutating func closeAll() { for index in ends.indices { close(index) } }
    }
}
