import Glibc

/// A finished command.
public struct Command: Sendable {
    public let status: ChildProcess.ExitStatus
    public let output: [UInt8]
    public let errors: String

    /// Standard output as text.
    public var text: String { String(decoding: output, as: UTF8.self) }

    /// Runs a command; the first argument is the program, found by PATH. Throws if it does not end in time (seconds).
    public static func run(
        _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = [], timeout: Double = 60
    ) throws -> Command {
        let files = try TemporaryDirectory("command")
        let (input, output, errors) = (try files.write("in", input), files.file("out"), files.file("err"))
        let pid = try ChildProcess.spawn(
            arguments, environment: environment, input: .file(input), output: output, error: errors)
        let status: ChildProcess.ExitStatus
        do {
            status = try poll("\(arguments[0]) to end", timeout: timeout) { ChildProcess.reap(pid, WNOHANG) }
        } catch {
            kill(pid, SIGKILL)
            _ = ChildProcess.reap(pid, 0)
            throw error
        }
        return Command(
            status: status, output: try contents(of: output),
            errors: String(decoding: try contents(of: errors), as: UTF8.self))
    }

    /// Runs a command that must succeed, and returns its standard output as text.
    @discardableResult
    public static func check(
        _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = [], timeout: Double = 60
    ) throws -> String {
        let command = try run(arguments, environment: environment, input: input, timeout: timeout)
        guard command.status == 0 else {
            throw HarnessError("\(arguments.joined(separator: " ")): \(command.status): \(command.errors)")
        }
        return command.text
    }
}
