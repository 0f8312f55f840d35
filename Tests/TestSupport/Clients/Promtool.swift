import Foundation

/// Prometheus' own checker, which deploy/install unpacks below .build.
public enum Promtool {
    public static func run(_ arguments: String..., input: String = "") throws -> Command {
        let build = URL(fileURLWithPath: Products.directory)
        let found = sequence(first: build) { $0.path == "/" ? nil : $0.deletingLastPathComponent() }
            .map { $0.appendingPathComponent("promtool").path }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let found else { throw HarnessError("there is no promtool in the build directory; run deploy/install") }
        return try Command.run([found] + arguments, input: Array(input.utf8))
    }
}
