import Foundation
import Synchronization

/// A running lever-milter.
public final class DaemonProcess: Sendable {
    private let process: ChildProcess
    public let log: String
    private let directory: TemporaryDirectory

    /// Starts the daemon and returns when it logs that it has started; throws with its log if it ends before.
    /// `inherited` is its descriptor 3; `under` is a command to run it with, such as `prlimit`; `faults` are injected.
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
    /// Its exit, once it has ended.
    public var exitStatus: ChildProcess.ExitStatus? { process.exitStatus }

    /// The lines logged so far.
    public func lines() throws -> [String] {
        String(decoding: try contents(of: log), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Waits for a line that contains all of these texts, and returns it.
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

    /// The number of descriptors open once it is stable: no session, and nothing to deliver.
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

    /// Sends SIGTERM, and returns the exit status.
    @discardableResult
    public func terminate() throws -> ChildProcess.ExitStatus { try process.stop() }

    /// Waits that many seconds for it to end by itself.
    @discardableResult
    public func waitForExit(timeout: Double = 40) throws -> ChildProcess.ExitStatus {
        try process.waitForExit(timeout: timeout)
    }

    /// Sends SIGKILL.
    public func kill() throws {
        process.send(SIGKILL)
        try process.waitForExit(timeout: 10)
    }
}
