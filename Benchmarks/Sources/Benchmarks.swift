import ArgumentParser
import Foundation

/// In the order of a message's path.
private let suites: [any Suite.Type] = [
    MilterSuite.self, EngineSuite.self, InstructionsSuite.self, PeersSuite.self, PostfixSuite.self, SealingSuite.self,
    SpoolSuite.self, DeliverySuite.self, LatencySuite.self, TimelineSuite.self, ReadingSuite.self, RoutingSuite.self,
    LearnedSuite.self, MemorySuite.self, GrowthSuite.self,
]
private let suiteHelp = "Which suites: \(suites.map { $0.name }.joined(separator: ", ")). None named: all."

@main
struct Benchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks",
        abstract: "Measures lever-milter side by side with the limits of what it is built on, and with other filters.",
        discussion: """
            Every figure is a ratio of two things measured in turn in one run, since machines are noisy; the table gives \
            the median and, after it, the smallest and largest. docs/explanation/performance.md explains the lines.
            """)

    @Argument(help: ArgumentHelp(stringLiteral: suiteHelp))
    var names: [String] = []

    @Flag(help: "Fewer and shorter rounds: all suites in under two minutes.")
    var quick = false

    @Option(help: "How often each pair is measured; the default depends on the suite.")
    var rounds: Int?

    @Option(
        help: ArgumentHelp("Writes the lines of the table, with the value of every round, as JSON.", valueName: "file"))
    var json: String?

    func validate() throws {
        for name in names where !suites.contains(where: { $0.name == name }) {
            throw ValidationError("no suite is called \(name)")
        }
        if let rounds, rounds < 1 { throw ValidationError("--rounds must be 1 or more") }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let plan = Plan(isQuick: quick, rounds: rounds)
        var lines: [Line] = []
        for suite in suites where names.isEmpty || names.contains(suite.name) {
            let started = now()
            let more = try suite.run(plan)
            print("\n\(suite.title) (\(Int(now() - started)) s)")
            print(table(more))
            lines += more
        }
        if let json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(lines).write(to: URL(fileURLWithPath: json))
        }
        let missed = lines.filter { $0.isMet == false }
        for line in missed { print("missed: \(line.suite): \(line.name)") }
        if !missed.isEmpty { throw ExitCode.failure }
    }
}

/// A group of measurements about one stage of a message's path.
protocol Suite: Sendable {
    /// The name on the command line.
    static var name: String { get }
    /// The heading of its table.
    static var title: String { get }
    static func run(_ plan: Plan) throws -> [Line]
}

/// How long and how often to measure.
struct Plan {
    let isQuick: Bool
    private let roundsAsked: Int?

    init(isQuick: Bool, rounds: Int?) {
        self.isQuick = isQuick
        roundsAsked = rounds
    }

    /// How often each contender is measured, unless the user chose.
    func rounds(_ full: Int, quick: Int = 3) -> Int { roundsAsked ?? (isQuick ? quick : full) }

    /// One of two values, such as seconds or numbers of messages.
    func pick<Value>(_ full: Value, quick: Value) -> Value { isQuick ? quick : full }
}

/// Seconds of the monotonic clock.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
