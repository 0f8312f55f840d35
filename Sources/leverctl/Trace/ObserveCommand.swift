import ArgumentParser
import Core
import Diagnostics
import Store

struct ObserveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "observe", abstract: "Observe what would be captured before a company goes live.",
        subcommands: [Report.self])

    struct Report: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the decisions of a period, and what prevents going live.",
            discussion: "The preceding period of equal length is shown beside it. Works in every capture mode.",
            examples: ["leverctl observe report --since 7d"])

        @OptionGroup var company: CompanyOption

        @Option(
            help: ArgumentHelp("The start of the period: 15m, 12h or 7d ago, or a date and time.", valueName: "time"))
        var since = "7d"

        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        func validate() throws { _ = try seconds(until: .now()) }

        private func seconds(until now: Timestamp) throws -> Int64 {
            let start = try Timestamp(option: "--since", since, display.clock, now: now)
            let seconds = (now.milliseconds - start.milliseconds) / 1000
            guard seconds > 0 else { throw ValidationError("--since is not before now.") }
            return seconds
        }

        func run() throws {
            let now = Timestamp.now()
            let owner = try shared.ownerSession()
            let observation = try owner.observation(
                of: company.find(in: owner, shared), seconds: seconds(until: now), now: now)
            try display.show(ObservationRecord(observation), asJSON: shared.json) { printReport(observation, on: $0) }
        }
    }
}

private func printReport(_ observation: Observation, on screen: Screen) {
    let company = observation.company
    print("\(company.name), capture \(company.capture.rawValue)".printable())
    let (from, until) = (screen.text(observation.period.from), screen.text(observation.period.until))
    print("\(from) to \(until); before: from \(screen.text(observation.before.from))\n")
    let rows = ObservationRecord.Outcome.all(observation)
    if rows.isEmpty {
        print("No messages with a marker of the company in either period.")
    } else {
        screen.printTable(
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
        screen.printTable(
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
