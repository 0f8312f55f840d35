import Glibc

/// Faults for one program under test, which preloads the library that injects them. They may change while it runs.
public final class FaultInjection: Sendable {
    private let directory: TemporaryDirectory

    /// Without any fault.
    public init() throws {
        directory = try TemporaryDirectory("faults")
        try set([])
    }

    /// The environment variables the program needs.
    public var environment: [String: String] {
        [
            "LD_PRELOAD": Products.path("libFaultInjection.so"), "FAULT_RULES": directory.file("rules"),
            "FAULT_HITS": directory.file("hits"),
        ]
    }

    /// Replaces all faults by these. One that was there before keeps its count.
    public func set(_ faults: [Fault]) throws {
        let new = try directory.write("rules.new", faults.map { $0.rule + "\n" }.joined())
        guard rename(new, directory.file("rules")) == 0 else { throw HarnessError("rename \(new): \(errorText())") }
    }

    /// The names of the faults hit, in order.
    public func hits() throws -> [String] {
        guard access(directory.file("hits"), F_OK) == 0 else { return [] }
        return String(decoding: try contents(of: directory.file("hits")), as: UTF8.self)
            .split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
    }

    /// Waits until a fault was hit.
    public func hit(_ name: String, timeout: Double = 30) async throws {
        try await waitUntil("the fault '\(name)' to be hit", timeout: timeout) { try hits().contains(name) }
    }
}
