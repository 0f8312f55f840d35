import ArgumentParser
import Core
import Store

extension KeyCommand {
    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put back heads that re-wrapping replaced.",
            discussion: """
                If what somebody re-wrapped does not open any more. Without --row it lists the rows of the audit that \
                tell of such exchanges. The heads that are there now are kept in turn. Once a key that a head names is \
                destroyed, that head is gone.
                """,
            examples: ["leverctl key restore", "leverctl key restore --row 1204"])

        @OptionGroup var company: CompanyOption

        @Option(help: ArgumentHelp("The first row of the audit whose exchange is taken back.", valueName: "row"))
        var row: Int64?

        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        private struct Exchange: Encodable {
            let row: Int64
            let login: String
            let at: Timestamp
            let heads: Int
        }

        private struct Result: Encodable {
            let restored: Int
        }

        func run() throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared).id
            guard let row else { return try list(owner.exchanges(of: company)) }
            let restored = try owner.restoreHeads(from: row, of: company)
            if shared.json {
                try printJSON(Result(restored: restored))
            } else {
                print("\(counted(restored, "head")) put back.")
            }
        }

        private func list(_ exchanges: [HeadExchange]) throws {
            let records = exchanges.map { Exchange(row: $0.row, login: $0.login, at: $0.at, heads: $0.heads) }
            try display.show(records, asJSON: shared.json) { screen in
                screen.printTable(
                    ["ROW", "LOGIN", "TIME", "HEADS"],
                    records.map { ["\($0.row)", $0.login, screen.text($0.at), "\($0.heads)"] })
            }
        }
    }
}
