import ArgumentParser
import Core
import Store

struct RetentionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "Erasing what is older than companies keep.", subcommands: [Run.self])

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase expired messages and rows of the delivery log, for ever.",
            discussion: """
                leverctl company set --retention-days and --delivery-days say how long. Rows of the delivery log that name no \
                company there is, such as those of forged markers, go after 90 days. Run it from a timer, once a day. Its login is a member \
                of lever_retention and was given access with leverctl access grant.
                """)

        @Option(help: "The company, by name or id; else every company that the login has access to.")
        var company: String?

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var company: Int64
            /// Missing where messages are kept for ever.
            var deleted: Int?
            /// Rows of the delivery log.
            var records = 0
        }

        private static let batch = 1000

        func run() throws {
            let retention = try shared.retention()
            let companies = try company.map { [try retention.company($0)] } ?? retention.companies()
            var results: [Result] = []
            for company in companies {
                var result = Result(company: company.id.rawValue)
                var last: (messages: Int?, records: Int)
                repeat {
                    last = try retention.deleteExpired(of: company.id, atMost: Self.batch)
                    if let messages = last.messages { result.deleted = (result.deleted ?? 0) + messages }
                    result.records += last.records
                } while max(last.messages ?? 0, last.records) == Self.batch
                results.append(result)
                if !shared.json {
                    let what = result.deleted.map { "\(counted($0, "message")) erased" } ?? "keeps messages for ever"
                    let records = result.records == 0 ? "" : ", \(counted(result.records, "delivery record")) deleted"
                    print("\(company.name): \(what)\(records)".printable())
                }
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
    }
}
