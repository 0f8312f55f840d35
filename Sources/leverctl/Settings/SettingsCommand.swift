import ArgumentParser
import SettingsFile
import Store

struct SettingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings", abstract: "Show the settings of leverctl, and where each is from.",
        discussion: """
            First the files that are looked for, in the order in which they are read, and what became of each; then the \
            values that count: a later file's before an earlier one's, and the environment's before any file's. An \
            option of a command counts before all of them. Passwords in connection strings are not shown.
            """,
        examples: ["leverctl settings"])

    @OptionGroup var shared: SharedOptions

    private struct Record: Encodable {
        struct File: Encodable {
            let path: String
            /// `read`, `missing` or `unreadable`.
            let state: String
            let problem: String?
        }

        let files: [File]
        let settings: [SettingRecord]
    }

    func run() throws {
        let settings = try shared.loadedSettings()
        let files = settings.files.map { file in
            switch file.state {
            case .read: Record.File(path: file.path, state: "read", problem: nil)
            case .missing: Record.File(path: file.path, state: "missing", problem: nil)
            case .unreadable(let reason): Record.File(path: file.path, state: "unreadable", problem: reason)
            }
        }
        let rows = SettingRecord.all(settings)
        let text =
            tableText(["FILE", "STATE"], files.map { [$0.path, $0.problem.map { "not read: \($0)" } ?? $0.state] })
            + "\n\n" + tableText(["KEY", "VALUE", "FROM"], rows.map { [$0.key, $0.shown, $0.from] })
        try shared.show(Record(files: files, settings: rows), text)
    }
}
