import Glibc
import Synchronization

/// A running lever-milter.
public final class DaemonProcess: Sendable {
    private let process: ChildProcess
    private let log: String
    private let directory: TemporaryDirectory

    /// Starts it and returns when `isListening` says so; throws with what it logged if it ends before.
    public init(configuration: String, isListening: () -> Bool) throws {
        directory = try TemporaryDirectory("daemon")
        let log = directory.file("log")
        let process = try ChildProcess([Products.path("lever-milter"), "--config", configuration], output: log)
        try poll("lever-milter to listen; see \(log)", timeout: 30) {
            guard process.isRunning else {
                throw HarnessError("lever-milter ended: \(String(decoding: try contents(of: log), as: UTF8.self))")
            }
            return isListening() ? () : nil
        }
        self.log = log
        self.process = process
    }

    public var pid: Int32 { process.pid }
    public var isRunning: Bool { process.isRunning }

    /// What it logged so far, line by line.
    public func lines() throws -> [String] {
        String(decoding: try contents(of: log), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Waits for a line that holds all of these texts, and returns it.
    @discardableResult
    public func line(with texts: String..., timeout: Double = 30) async throws -> String {
        try await waitFor("a log line with \(texts)", timeout: timeout) {
            try lines().first { line in texts.allSatisfy { line.contains($0) } }
        }
    }

    /// Asks it to end, and returns its exit status.
    @discardableResult
    public func terminate() throws -> ChildProcess.ExitStatus { try process.stop() }

    /// Ends it as a power cut does.
    public func kill() throws {
        process.send(SIGKILL)
        try process.waitForExit(timeout: 10)
    }
}
