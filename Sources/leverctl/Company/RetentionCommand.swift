import ArgumentParser
import Core
import Store

struct RetentionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "Erase messages and log rows past their retention.", subcommands: [Run.self]
    )

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Permanently erase expired messages and rows of the delivery log.",
            discussion: """
                Retention is set with leverctl company set --retention-days and --delivery-days. Rows of the delivery \
                log that name an unknown company, such as those of forged markers, expire after 90 days. Run it from a \
                timer, once a day. The login must be a member of lever_retention, with access granted by leverctl \
                access grant.
                """,
            examples: ["leverctl retention run"])

        @Option(
            help: "The company, by name or id; else every company that the login has access to.", completion: .companies
        )
        var company: String?

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var company: Int64
            /// Messages; missing if they are kept without limit.
            var deleted: Int?
            /// Rows of the delivery log.
            var records = 0
        }

        private static let batch = 1000

        func run() throws {
            let retention = try shared.retentionSession()
            let companies = try company.map { [try retention.company($0)] } ?? retention.companies()
            var results: [Result] = []
            for company in companies {
                let result = try erase(of: company.id, retention)
                results.append(result)
                if !shared.json { show(result, company.name) }
            }
            if company == nil {
                var strays = 0
                while case let deleted = try retention.deleteStrayRecords(atMost: Self.batch), deleted > 0 {
                    strays += deleted
                }
                if strays > 0, !shared.json { print("no company: \(counted(strays, "delivery record")) deleted") }
            }
            if shared.json { try printJSON(results) }
        }

        private func erase(of company: CompanyID, _ retention: RetentionSession) throws -> Result {
            var result = Result(company: company.rawValue)
            var last: (messages: Int?, records: Int)
            repeat {
                last = try retention.deleteExpired(of: company, atMost: Self.batch)
                if let messages = last.messages { result.deleted = (result.deleted ?? 0) + messages }
                result.records += last.records
            } while max(last.messages ?? 0, last.records) == Self.batch
            return result
        }

        private func show(_ result: Result, _ company: String) {
            let messages = result.deleted.map { "\(counted($0, "message")) erased" } ?? "keeps messages forever"
            let records = result.records == 0 ? "" : ", \(counted(result.records, "delivery record")) deleted"
            print("\(company): \(messages)\(records)".printable())
        }
    }
}
