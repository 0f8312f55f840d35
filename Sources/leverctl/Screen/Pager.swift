import Foundation
import Glibc

/// Shows what is printed by a pager.
///
/// The pager reads a pipe, which takes the place of standard output (and of standard error, if that is the terminal).
/// When its user quits early the process ends at once with status 0, so that nothing is opened that nobody reads. If
/// the pager ends with another status, what it did not read and all that follows is printed plainly. SIGINT, SIGTERM
/// and SIGHUP end the process once the pager has ended, which has the terminal until then. One pager at a time, on the
/// main thread.
enum Pager {
    /// What the signal handlers need.
    private struct State {
        var pid: pid_t = 0
        /// The end of the pipe that the pager reads. Open here too: what it did not read is not lost.
        var unread: Int32 = -1
        /// The terminal.
        var output: Int32 = -1
        /// Standard error, if it was redirected.
        var errors: Int32 = -1
    }

    /// Set before the handlers are installed, and not changed while they are.
    nonisolated(unsafe) private static var state = State()

    private static let endings = [SIGINT, SIGTERM, SIGHUP]

    /// Runs `body` with its output shown by the pager, and returns when the pager has ended. Without a pager, as usual.
    static func show(by command: PagerCommand, _ body: () throws -> Void) throws {
        fflush(nil)
        guard start(command) else { return try body() }
        defer { finish() }
        try body()
        // Before the output is the terminal again.
        guard fflush(nil) == 0 else { throw CommandError("cannot write the output: \(CommandError.system())") }
    }

    private static func start(_ command: PagerCommand) -> Bool {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return false }
        // Where the pager has the end that writes too, it waits for ever.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        guard let pid = spawn(command, input: ends[0]) else {
            for end in ends { close(end) }
            return false
        }
        let redirectsErrors = isatty(STDERR_FILENO) == 1
        state = State(
            pid: pid, unread: ends[0], output: fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3),
            errors: redirectsErrors ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3) : -1)
        dup2(ends[1], STDOUT_FILENO)
        if redirectsErrors { dup2(ends[1], STDERR_FILENO) }
        close(ends[1])
        install { signal in Pager.isInterrupted(by: signal) }
        // A pager that has ended already is noticed too.
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in Pager.mayHaveEnded() }
        action.sa_flags = SA_RESTART
        sigaction(SIGCHLD, &action, nil)
        raise(SIGCHLD)
        return true
    }

    /// Waits for the pager. Its user may type Control-C meanwhile, which then is for the pager alone.
    private static func finish() {
        // While its end is still noticed: nobody would read a full pipe.
        fflush(nil)
        signal(SIGCHLD, SIG_DFL)
        guard state.pid > 0 else { return }
        signal(SIGINT, SIG_IGN)
        restoreOutput()
        var status: Int32 = 0
        while waitpid(state.pid, &status, 0) < 0, errno == EINTR {}
        for number in endings { signal(number, SIG_DFL) }
        if status != 0 { printUnread() }
        close(state.unread)
    }

    private static func install(_ handler: @escaping @convention(c) (Int32) -> Void) {
        for number in endings { signal(number, handler) }
    }

    // MARK: In signal handlers: system calls alone

    private static func mayHaveEnded() {
        var status: Int32 = 0
        guard state.pid > 0, waitpid(state.pid, &status, WNOHANG) == state.pid else { return }
        if status == 0 { _exit(0) }
        state.pid = 0
        restoreOutput()
        printUnread()
        for number in endings { signal(number, SIG_DFL) }
    }

    private static func isInterrupted(by signal: Int32) {
        // The end of the text, for the pager.
        close(STDOUT_FILENO)
        if state.errors >= 0 { close(STDERR_FILENO) }
        var status: Int32 = 0
        while state.pid > 0, waitpid(state.pid, &status, 0) < 0, errno == EINTR {}
        _exit(128 + signal)
    }

    private static func restoreOutput() {
        dup2(state.output, STDOUT_FILENO)
        if state.errors >= 0 { dup2(state.errors, STDERR_FILENO) }
    }

    /// What is in the pipe, of which this process has the only end that reads.
    private static func printUnread() {
        _ = fcntl(state.unread, F_SETFL, O_NONBLOCK)
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            while case let count = read(state.unread, buffer.baseAddress!, buffer.count), count > 0 {
                write(STDOUT_FILENO, buffer.baseAddress!, count)
            }
        }
    }

    // MARK: The program

    private static func spawn(_ command: PagerCommand, input: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        let arguments = command.arguments
        let variables = command.environment(of: ProcessInfo.processInfo.environment)
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        return posix_spawnp(&pid, arguments[0], &actions, nil, argv, envp) == 0 ? pid : nil
    }
}
