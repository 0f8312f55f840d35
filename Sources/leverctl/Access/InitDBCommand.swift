import ArgumentParser
import Store

struct InitDBCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init-db",
        abstract: "Install the database schema, or upgrade it in place.",
        discussion: """
            It may be run at any time, and changes only what is out of date. The login of admin_database must be \
            allowed to create roles and schemas the first time, and be a member of lever_owner later.
            """,
        examples: ["leverctl init-db"])

    @OptionGroup var shared: SharedOptions

    private struct Result: Encodable {
        var fromVersion: Int
        var version: Int
    }

    func run() throws {
        let change = try Schema.install(shared.ownerDatabase())
        if shared.json {
            try printJSON(Result(fromVersion: change.from, version: change.to))
        } else if change.from == change.to {
            print("The schema is already version \(change.to).")
        } else if change.from == 0 {
            print("Installed the schema, version \(change.to).")
        } else {
            print("Upgraded the schema from version \(change.from) to \(change.to).")
        }
    }
}
