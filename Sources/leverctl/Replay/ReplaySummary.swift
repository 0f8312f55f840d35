import Core

/// What became of the messages of a replay.
struct ReplaySummary: Encodable {
    struct Failure: Encodable {
        var name: String
        var reason: String
    }

    let company: Int64
    let dryRun: Bool
    var interrupted = false
    var messages = 0
    /// By reason code; those that did not occur are left out.
    private(set) var outcomes: [String: Int] = [:]
    private(set) var failed: [Failure] = []

    init(company: CompanyID, isDryRun: Bool) {
        self.company = company.rawValue
        dryRun = isDryRun
    }

    mutating func count(_ outcome: Outcome) { outcomes[outcome.rawValue, default: 0] += 1 }

    mutating func fail(_ name: String, _ reason: String) { failed.append(Failure(name: name, reason: reason)) }

    func show(_ shared: SharedOptions) throws {
        if shared.json {
            try printJSON(self)
        } else {
            printTable(
                ["OUTCOME", "MESSAGES"],
                Outcome.allCases.compactMap { outcome in
                    outcomes[outcome.rawValue].map { [outcome.rawValue, "\($0)"] }
                } + (failed.isEmpty ? [] : [["(not read)", "\(failed.count)"]]))
            if dryRun {
                print(
                    "Nothing was stored. Of what would be captured, some may be on the timeline already: only the "
                        + "database can tell.")
            }
        }
        for failure in failed { printError("leverctl: \(failure.name): \(failure.reason)".printable()) }
    }
}
