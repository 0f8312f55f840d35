import ArgumentParser
import Store

struct InitDBCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init-db",
        abstract: "Install the database schema, or upgrade it in place.",
        discussion: """
            Run it as often as you like: it does what is missing. The login of admin_database must be allowed to create \
            roles and schemas the first time, and to work as lever_owner later.
            """)

    @OptionGroup var shared: SharedOptions

    private struct Result: Encodable {
        var fromVersion: Int
        var version: Int
    }

    func run() throws {
        let change = try Schema.install(shared.database())
        if shared.json {
            try printJSON(Result(fromVersion: change.from, version: change.to))
        } else if change.from == change.to {
            print("The schema is version \(change.to) already.")
        } else if change.from == 0 {
            print("Installed the schema, version \(change.to).")
        } else {
            print("Upgraded the schema from version \(change.from) to \(change.to).")
        }
    }
}
