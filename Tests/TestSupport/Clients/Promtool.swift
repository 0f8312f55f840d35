import Foundation

/// Prometheus' own checker: Debian 13's, or where that has no package, what deploy/install unpacked below .build.
public enum Promtool {
    public static func run(_ arguments: String..., input: String = "") throws -> Command {
        let build = URL(fileURLWithPath: Products.directory)
        let found = sequence(first: build) { $0.path == "/" ? nil : $0.deletingLastPathComponent() }
            .map { $0.appendingPathComponent("promtool").path }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        return try Command.run([found ?? "promtool"] + arguments, input: Array(input.utf8))
    }
}
