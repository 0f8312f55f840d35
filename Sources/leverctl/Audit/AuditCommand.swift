import ArgumentParser
import Core
import Store

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Read, verify and export the audit.",
        subcommands: [List.self, Verify.self, Export.self, GenerateKey.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a company's audit.",
            examples: ["leverctl audit list", "leverctl audit list --login anna --after 1000"])

        @OptionGroup var company: CompanyOption

        @Option(help: "Only rows after this number.")
        var after: Int64 = 0

        @Option(help: "Only actions of this login.", completion: .users)
        var login: String?

        @Option(help: "Only actions on this message, by its entry id.")
        var entry: String?

        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        private struct Record: Encodable {
            let sequence: Int64
            let time: Timestamp
            let login: String
            let action: String
            let allowed: Bool
            let entry: String?
            let candidate: Int64?
            let thread: Int64?
            let reason: String

            init(_ record: AuditRecord) {
                sequence = record.sequence
                time = record.time
                login = record.login
                action = record.action
                allowed = record.allowed
                entry = record.entry?.description
                candidate = record.candidate?.rawValue
                thread = record.thread?.rawValue
                reason = record.reason
            }

            var about: String {
                entry.map { "message \($0)" } ?? candidate.map { "candidate \($0)" } ?? thread.map { "thread \($0)" }
                    ?? "-"
            }
        }

        func run() throws {
            let auditor = try shared.auditorSession()
            let company = try company.find(in: auditor, shared).id
            let wanted = entry.flatMap { EntryID($0) }
            var records: [Record] = []
            try forEachRecord(of: company, after: after, auditor) { record in
                guard login == nil || record.login == login,
                    entry == nil || wanted != nil && record.entry == wanted
                else { return }
                records.append(Record(record))
            }
            try display.show(records, asJSON: shared.json) { screen in
                screen.printTable(
                    ["ROW", "TIME", "LOGIN", "ACTION", "RESULT", "ABOUT", "REASON"],
                    records.map {
                        [
                            "\($0.sequence)", screen.text($0.time), $0.login, $0.action,
                            $0.allowed ? "allowed" : "refused", $0.about, $0.reason,
                        ]
                    })
            }
        }
    }
}

/// Calls the body for each record after a row, in order. At most 1,000 are in memory.
func forEachRecord(
    of company: CompanyID, after start: Int64, _ auditor: AuditorSession, _ body: (AuditRecord) throws -> Void
) throws {
    var last = start
    while case let records = try auditor.records(of: company, after: last, limit: 1000), !records.isEmpty {
        for record in records { try body(record) }
        last = records.last!.sequence
    }
}
