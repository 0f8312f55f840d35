import ArgumentParser
import Core
import Store

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who opened, refused, changed and erased what.",
        subcommands: [List.self, Verify.self, Export.self, GenerateKey.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a company's audit.")

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: "Only rows after this number.")
        var after: Int64 = 0

        @Option(help: "Only what this login did.")
        var login: String?

        @Option(help: "Only what was about this message.")
        var entry: String?

        @OptionGroup var shared: SharedOptions

        private struct Record: Encodable {
            let sequence: Int64
            let time: String
            let login: String
            let action: String
            let allowed: Bool
            let entry: String?
            let candidate: Int64?
            let thread: Int64?
            let reason: String

            init(_ record: AuditRecord) {
                sequence = record.sequence
                time = record.time.description
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
            let audit = try shared.audit()
            let company = try audit.company(company).id
            var records: [Record] = []
            try forEachRecord(of: company, after: after, audit) { record in
                guard login == nil || record.login == login,
                    entry == nil || record.entry.map({ EntryID(entry!) == $0 }) == true
                else { return }
                records.append(Record(record))
            }
            if shared.json {
                try printJSON(records)
            } else {
                printTable(
                    ["ROW", "TIME", "LOGIN", "ACTION", "RESULT", "ABOUT", "REASON"],
                    records.map {
                        [
                            "\($0.sequence)", $0.time, $0.login, $0.action, $0.allowed ? "allowed" : "refused",
                            $0.about,
                            $0.reason,
                        ]
                    })
            }
        }
    }
}

/// In order; a part of them is in memory at a time.
func forEachRecord(
    of company: CompanyID, after start: Int64, _ audit: AuditorSession, _ body: (AuditRecord) throws -> Void
) throws {
    var last = start
    while case let records = try audit.records(of: company, after: last, limit: 1000), !records.isEmpty {
        for record in records { try body(record) }
        last = records.last!.sequence
    }
}
