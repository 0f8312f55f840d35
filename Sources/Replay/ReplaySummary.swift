import Core

/// The outcomes of the messages of a replay.
public struct ReplaySummary: Encodable {
    public struct Failure: Encodable {
        public let name: String
        public let reason: String
    }

    public let company: Int64
    public let dryRun: Bool
    public var interrupted = false
    public internal(set) var messages = 0
    /// By reason code; codes that did not occur are left out.
    public private(set) var outcomes: [String: Int] = [:]
    public private(set) var failed: [Failure] = []
    /// Messages of the company that are not whole, and what is missing; nil if there are none.
    public private(set) var warnings: [Failure]?

    init(company: CompanyID, isDryRun: Bool) {
        self.company = company.rawValue
        dryRun = isDryRun
    }

    mutating func count(_ outcome: Outcome) { outcomes[outcome.rawValue, default: 0] += 1 }

    mutating func warn(_ name: String, _ reason: String) {
        warnings = (warnings ?? []) + [Failure(name: name, reason: reason)]
    }

    mutating func fail(_ name: String, _ reason: String) { failed.append(Failure(name: name, reason: reason)) }
}
