import Glibc

/// A gzip process that decompresses a file. Ends with this value.
final class Gunzip {
    /// Where the decompressed bytes come from.
    let output: Int32
    private var pid: pid_t = 0

    /// `input` is an open file, read from where it stands.
    init(_ input: Int32) throws(MailFileError) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .system() }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        output = ends[0]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // A group of its own: an interrupt on the terminal is for us, and must not look like the end of the file.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let arguments = [strdup("gzip"), strdup("-dc"), nil]
        defer { arguments.forEach { free($0) } }
        let code = posix_spawnp(&pid, "gzip", &actions, &attributes, arguments, environ)
        close(ends[1])
        guard code == 0 else {
            pid = 0
            throw MailFileError("it is compressed, and gzip cannot be started: \(String(cString: strerror(code)))")
        }
    }

    deinit {
        close(output)
        _ = wait()
    }

    /// To be called at the end of the output: what came is all of it.
    func finish() throws(MailFileError) {
        guard wait() == 0 else { throw MailFileError("its compressed content is damaged or cut short") }
    }

    private func wait() -> Int32 {
        guard pid > 0 else { return -1 }
        var status: Int32 = -1
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        pid = 0
        return status
    }
}
