import Foundation
import Synchronization

/// A running lever-milter.
public final class DaemonProcess: Sendable {
    private let process: ChildProcess
    public let log: String
    private let directory: TemporaryDirectory

    /// Starts it and returns when it says that it has; throws with what it logged if it ends before. `inherited` is
    /// descriptor 3 in it; `under` is a command that becomes it, such as `prlimit`; `faults` befall it.
    public init(
        configuration: String, inherited: Int32? = nil, under command: [String] = [], faults: FaultInjection? = nil
    ) throws {
        directory = try TemporaryDirectory("daemon")
        let log = directory.file("log")
        let process = try ChildProcess(
            command + [Products.path("lever-milter"), "--config", configuration],
            environment: faults?.environment ?? [:], output: log, inherited: inherited)
        try poll("lever-milter to start; see \(log)", timeout: 30) {
            let text = String(decoding: try contents(of: log), as: UTF8.self)
            guard process.isRunning else { throw HarnessError("lever-milter ended: \(text)") }
            return text.contains("started socket=") ? () : nil
        }
        self.log = log
        self.process = process
    }

    public var pid: Int32 { process.pid }
    public var isRunning: Bool { process.isRunning }
    /// How it ended, if it did.
    public var exitStatus: ChildProcess.ExitStatus? { process.exitStatus }

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

    /// How many descriptors it has open.
    public func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
    }

    /// As many as it has open once that does not change any more: without a session and with nothing to deliver.
    @discardableResult
    public func settledDescriptors() async throws -> Int {
        var last = 0
        var same = 0
        try await waitUntil("the descriptors to settle") {
            let now = try descriptors()
            same = now == last ? same + 1 : 0
            last = now
            return same == 20
        }
        return last
    }

    /// Sends a signal.
    public func send(_ signal: Int32) { process.send(signal) }

    /// Asks it to end, and returns its exit status.
    @discardableResult
    public func terminate() throws -> ChildProcess.ExitStatus { try process.stop() }

    /// Waits until it ends by itself, in seconds.
    @discardableResult
    public func waitForExit(timeout: Double = 40) throws -> ChildProcess.ExitStatus {
        try process.waitForExit(timeout: timeout)
    }

    /// Ends it as a power cut does.
    public func kill() throws {
        process.send(SIGKILL)
        try process.waitForExit(timeout: 10)
    }
}
