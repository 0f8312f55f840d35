import ArgumentParser
import Core
import Store

struct RetentionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "Erasing what is older than companies keep.", subcommands: [Run.self])

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase expired messages, for ever.",
            discussion: """
                leverctl company set --retention-days says how long. Run it from a timer, once a day. Its login is a member \
                of lever_retention and was given access with leverctl access grant.
                """)

        @Option(help: "The company, by name or id; else every company that the login has access to.")
        var company: String?

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var company: Int64
            /// Missing where messages are kept for ever.
            var deleted: Int?
        }

        private static let batch = 1000

        func run() throws {
            let retention = try shared.retention()
            let companies = try company.map { [try retention.company($0)] } ?? retention.companies()
            var results: [Result] = []
            for company in companies {
                var result = Result(company: company.id.rawValue)
                while let deleted = try retention.deleteExpired(of: company.id, atMost: Self.batch) {
                    result.deleted = (result.deleted ?? 0) + deleted.messages
                    if max(deleted.messages, deleted.records) < Self.batch { break }
                }
                results.append(result)
                if !shared.json {
                    let what = result.deleted.map { "\(counted($0, "message")) erased" } ?? "keeps messages for ever"
                    print("\(company.name): \(what)".printable())
                }
            }
            if shared.json { try printJSON(results) }
        }
    }
}
