import Glibc

/// A command on its own terminal, used as a person would: read the output, type an answer.
public final class Terminal {
    private let master: Int32
    private let pid: pid_t
    private var isReaped = false
    /// The output so far, including what was typed unless the command turned echo off.
    public private(set) var screen = ""

    /// Starts a command; the first argument is the program.
    public init(_ arguments: [String], environment: [String: String] = [:]) throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var isLocked: Int32 = 0
        var number: UInt32 = 0
        guard master >= 0, ioctl(master, Self.setLock, &isLocked) == 0, ioctl(master, Self.getNumber, &number) == 0
        else { throw HarnessError("no terminal: \(errorText())") }
        let path = "/dev/pts/\(number)"
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        pid = try ChildProcess.spawn(
            ["setsid", "--ctty", "--wait"] + arguments, environment: environment, input: .file(path), output: path,
            error: path)
    }

    /// TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), which Swift does not see.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    deinit {
        if !isReaped {
            kill(pid, SIGKILL)
            _ = ChildProcess.reap(pid, 0)
        }
        close(master)
    }

    /// Waits for a text in the output.
    public func expect(_ text: String) throws {
        try poll("'\(text)' on the terminal, which shows: \(screen)", timeout: 30) {
            read()
            return screen.contains(text) ? () : nil
        }
    }

    /// Types a line and the return key.
    public func type(_ line: String) throws {
        let keys = Array("\(line)\r".utf8)
        guard write(master, keys, keys.count) == keys.count else { throw HarnessError("typing: \(errorText())") }
    }

    /// Waits for the command's end.
    public func exitStatus() throws -> ChildProcess.ExitStatus {
        let status = try poll("the command on the terminal to end; it shows: \(screen)", timeout: 30) {
            read()
            return ChildProcess.reap(pid, WNOHANG)
        }
        isReaped = true
        read()
        return status
    }

    private func read() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while case let count = Glibc.read(master, &bytes, bytes.count), count > 0 {
            screen += String(decoding: bytes[..<count], as: UTF8.self)
        }
    }
}
