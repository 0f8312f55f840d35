import Glibc

/// Starts a program without a shell, so an argument is passed as it is. `arguments[0]` is a path, or a name that is
/// searched for in PATH; without an `environment` of its own it inherits this process'. `prepare` says what its
/// descriptors are.
func spawn(
    _ arguments: [String], environment: [String]?, _ prepare: (inout posix_spawn_file_actions_t) -> Void
) throws(SystemError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    prepare(&actions)
    let words = arguments.map { strdup($0) } + [nil]
    let variables = environment.map { $0.map { strdup($0) } + [nil] }
    defer { (words + (variables ?? [])).forEach { free($0) } }
    var pid: pid_t = 0
    let code = posix_spawnp(&pid, arguments[0], &actions, nil, words, variables ?? ownEnvironment)
    guard code == 0 else { throw SystemError("start", arguments[0], code) }
    return pid
}

/// Waits for the program to end. Its status as waitpid(2) gives it.
func waitForEnd(of pid: pid_t) -> Int32 {
    var status: Int32 = -1
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status
}

/// A pipe whose ends no other program inherits.
func closedOnExecPipe() throws(SystemError) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw .last("create", "a pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}

private var ownEnvironment: [UnsafeMutablePointer<CChar>?] {
    var variables: [UnsafeMutablePointer<CChar>?] = []
    var next = environ
    while let variable = next.pointee {
        variables.append(variable)
        next += 1
    }
    return variables + [nil]
}
