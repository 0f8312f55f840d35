import Glibc
import System

/// The output of a system command. It is given a few seconds, and a fixed environment.
enum ToolOutput {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Bytes.
    private static let limit = 16 << 20

    /// Runs the program and discards its standard error. Throws if it fails, takes longer than `seconds` or writes too
    /// much.
    static func of(_ arguments: [String], seconds: Int) throws(Failure) -> String {
        let program: ProgramOutput
        do {
            program = try ProgramOutput(arguments, environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"])
        } catch {
            throw Failure(description: "\(error.path): \(error.reason)")
        }
        guard let output = read(program.descriptor, until: .now + .seconds(seconds)) else {
            throw Failure(description: "\(arguments[0]) did not finish within \(seconds) s")
        }
        guard output.count <= limit else {
            throw Failure(description: "\(arguments[0]) wrote more than \(limit) bytes")
        }
        guard program.succeeded() else {
            throw Failure(description: "\(arguments.joined(separator: " ")) failed; run it to see why")
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Reads to the end; nil if that does not come in time.
    private static func read(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> [UInt8]? {
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 8192)
        while true {
            let left = Int32(max(.zero, deadline - .now) / .milliseconds(1))
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, left)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return output }
            output += chunk[..<count]
            guard output.count <= limit else { return output }
        }
    }
}
