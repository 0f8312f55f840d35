import ArgumentParser
import Core
import Diagnostics
import Store

struct ObserveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "observe", abstract: "What was decided about a company's mail, and whether it can go live.",
        subcommands: [Report.self])

    struct Report: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what was decided in a period, and what stands in the way of storing.",
            discussion: "Beside it, the period of equal length before. Whatever the company's capture mode is.")

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: ArgumentHelp("The period's beginning: 15m, 12h, 7d ago, or a time.", valueName: "time"))
        var since = "7d"

        @OptionGroup var shared: SharedOptions

        func validate() throws { _ = try seconds(until: .now()) }

        private func seconds(until now: Timestamp) throws -> Int64 {
            let seconds = (now.milliseconds - (try Timestamp(option: "--since", since, now: now)).milliseconds) / 1000
            guard seconds > 0 else { throw ValidationError("--since is not before now.") }
            return seconds
        }

        func run() throws {
            let now = Timestamp.now()
            let administration = try shared.administration()
            let observation = try administration.observation(
                of: administration.company(company), seconds: seconds(until: now), now: now)
            if shared.json {
                try printJSON(ObservationRecord(observation))
            } else {
                printReport(observation)
            }
        }
    }
}

private func printReport(_ observation: Observation) {
    let company = observation.company
    print("\(company.name), capture \(company.capture.rawValue)".printable())
    print("\(observation.period.from) to \(observation.period.until); before: from \(observation.before.from)\n")
    let rows = ObservationRecord.Outcome.all(observation)
    if rows.isEmpty {
        print("No messages with a marker of the company in either period.")
    } else {
        printTable(
            ["OUTCOME", "DIRECTION", "MESSAGES", "BEFORE", "BYTES", "BEFORE"],
            rows.map { row in
                [
                    row.outcome, row.direction ?? "-", "\(row.messages)", "\(row.messagesBefore)", "\(row.bytes)",
                    "\(row.bytesBefore)",
                ]
            })
    }
    if !observation.days.isEmpty {
        print("")
        printTable(
            ["DAY", "HOST", "MESSAGES"], observation.days.map { [$0.day, $0.host, "\($0.messages)"] })
    }
    print("")
    let unknown = observation.unknownThreads
    print(
        "Threads: \(observation.threads.threads)"
            + (unknown.threads == 0
                ? ""
                : ", \(unknown.threads) of them not in the database (\(counted(unknown.messages, "message")))"))
    print("")
    if observation.obstacles.isEmpty {
        print(observation.verdict.printable())
    } else {
        print(company.capture.stores ? "Problems:" : "In the way of going live:")
        for obstacle in observation.obstacles {
            print(
                "- \(obstacle.kind.rawValue): \(obstacle.problem)\n  \(obstacle.advice)".printable(keepingLines: true))
        }
    }
}

private struct ObservationRecord: Encodable {
    struct Outcome: Encodable {
        let outcome: String
        /// Missing where it is not known.
        let direction: String?
        var messages = 0
        var messagesBefore = 0
        var bytes: Int64 = 0
        var bytesBefore: Int64 = 0

        /// The most frequent ones first.
        static func all(_ observation: Observation) -> [Outcome] {
            func value(_ period: Observation.Period, _ key: Observation.Count) -> Observation.Count? {
                period.counts.first { $0.outcome == key.outcome && $0.direction == key.direction }
            }
            let onlyBefore = observation.before.counts.filter { value(observation.period, $0) == nil }
            return (observation.period.counts + onlyBefore).map { key in
                let (now, before) = (value(observation.period, key), value(observation.before, key))
                return Outcome(
                    outcome: key.outcome.rawValue, direction: key.direction?.rawValue, messages: now?.messages ?? 0,
                    messagesBefore: before?.messages ?? 0, bytes: now?.bytes ?? 0, bytesBefore: before?.bytes ?? 0)
            }
        }
    }

    struct Day: Encodable {
        let day: String
        let host: String
        let messages: Int
    }

    struct Obstacle: Encodable {
        let kind: String
        let problem: String
        let advice: String
    }

    let company: String
    let capture: String
    let from: String
    let until: String
    let before: String
    let outcomes: [Outcome]
    let days: [Day]
    let threads: Int
    let unknownThreads: Int
    let unknownThreadMessages: Int
    let isReady: Bool
    let obstacles: [Obstacle]
    /// Missing where something stands in the way.
    let verdict: String?

    init(_ observation: Observation) {
        company = observation.company.name
        capture = observation.company.capture.rawValue
        from = observation.period.from.description
        until = observation.period.until.description
        before = observation.before.from.description
        outcomes = Outcome.all(observation)
        days = observation.days.map { Day(day: $0.day, host: $0.host, messages: $0.messages) }
        threads = observation.threads.threads
        unknownThreads = observation.unknownThreads.threads
        unknownThreadMessages = observation.unknownThreads.messages
        obstacles = observation.obstacles.map {
            Obstacle(kind: $0.kind.rawValue, problem: $0.problem, advice: $0.advice)
        }
        isReady = obstacles.isEmpty
        verdict = isReady ? observation.verdict : nil
    }
}
