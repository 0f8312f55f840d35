import Glibc
public import System

/// This machine. Commands get a PATH with the administrator's programs, and none of the variables by which leverctl,
/// libpq or a mail command would be led elsewhere.
public final class LocalMachine: Machine {
    /// The program that runs, for steps that are commands of its own.
    private let leverctl: String

    private static let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Steps that are commands of `leverctl` itself run this file, whatever PATH has.
    public init(leverctl: String = "/proc/self/exe") {
        self.leverctl =
            realpath(leverctl, nil).map { resolved in
                defer { free(resolved) }
                return String(cString: resolved)
            } ?? leverctl
        // What runs as another user may not be allowed to see the current directory.
        chdir("/")
    }

    public func run(_ command: Invocation) throws(SystemError) -> Int32 { try program(command).run().status }

    public func look(_ command: Invocation) throws(SystemError) -> ProgramRun.Outcome { try program(command).collect() }

    private func program(_ command: Invocation) -> ProgramRun {
        var arguments = command.arguments
        if let own = arguments.firstIndex(of: command.words[0]), command.words[0] == "leverctl" {
            arguments[own] = leverctl
        }
        return ProgramRun(
            arguments, environment: Self.environment(for: command.account), input: command.input.map { Array($0.utf8) })
    }

    private static func environment(for account: Account?) -> [String] {
        var variables = [path, "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"]
        var kept = ["TERM", "TZ", "NO_COLOR", "http_proxy", "https_proxy", "no_proxy"]
        if let account {
            variables += ["HOME=\(account.home)", "USER=\(account.name)", "LOGNAME=\(account.name)"]
        } else {
            kept += ["XDG_CONFIG_HOME"]
            variables += ["HOME=\(getpwuid(geteuid()).map { String(cString: $0.pointee.pw_dir) } ?? "/root")"]
        }
        return variables + kept.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }

    public func contents(of path: String) throws(SystemError) -> [UInt8]? { try System.contents(ofFile: path) }

    public func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    public func names(in directory: String) throws(SystemError) -> [String] {
        try DirectoryNames(directory, hidden: true, mayBeMissing: true).sorted()
    }

    public func create(_ file: NewFile) throws(SystemError) {
        try createFile(file.path, with: Array(file.text.utf8))
        do {
            try give(file.path, to: file.owner, mode: file.mode)
        } catch {
            unlink(file.path)
            throw error
        }
    }

    public func replace(_ path: String, with text: String) throws(SystemError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .last("read", path) }
        try replaceFile(path, with: Array(text.utf8), ownedAs: path)
        guard chmod(path, status.st_mode & 0o7777) == 0 else { throw .last("change the mode of", path) }
    }

    public func makeDirectory(_ path: String, mode: UInt32, owner: Account?) throws(SystemError) {
        guard mkdir(path, mode) == 0 else { throw .last("make", path) }
        try give(path, to: owner, mode: mode)
    }

    public func remove(_ path: String) throws(SystemError) {
        guard Glibc.remove(path) == 0 || errno == ENOENT else { throw .last("remove", path) }
    }

    public func wait(seconds: Int, until condition: () throws -> Bool) rethrows -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            if try condition() { return true }
            guard ContinuousClock.now < end else { return false }
            usleep(200_000)
        }
    }

    private func give(_ path: String, to owner: Account?, mode: UInt32) throws(SystemError) {
        if let owner, geteuid() == 0, lchown(path, owner.user, owner.group) != 0 {
            throw .last("change the owner of", path)
        }
        guard chmod(path, mode) == 0 else { throw .last("change the mode of", path) }
    }
}
