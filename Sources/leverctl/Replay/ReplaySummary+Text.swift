import ArgumentParser
import Core
import Replay

extension ReplaySummary {
    func show(_ shared: SharedOptions) throws {
        if shared.json {
            try printJSON(self)
        } else {
            Screen.plain.printTable(
                ["OUTCOME", "MESSAGES"],
                Outcome.allCases.compactMap { outcome in
                    outcomes[outcome.rawValue].map { [outcome.rawValue, "\($0)"] }
                } + (failed.isEmpty ? [] : [["(not read)", "\(failed.count)"]]))
            if dryRun {
                print(
                    "Nothing was stored. Some of the messages to be captured may be on the timeline already; only the "
                        + "database knows.")
            }
        }
        for warning in warnings ?? [] {
            printError("leverctl: warning: \(warning.name): \(warning.reason)".printable())
        }
        for failure in failed { printError("leverctl: \(failure.name): \(failure.reason)".printable()) }
    }
}
