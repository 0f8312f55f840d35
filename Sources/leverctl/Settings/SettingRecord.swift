import SettingsFile
import Store

/// A setting as `leverctl settings` shows it.
struct SettingRecord: Encodable {
    let key: String
    /// As written; without passwords.
    let values: [String]
    /// `FILE:LINE`, the name of a variable, or `default`.
    let from: String

    /// As in a file.
    var shown: String { values.count == 1 ? values[0] : "[\(values.joined(separator: ", "))]" }

    /// Those that are set, and the defaults of the others that leverctl reads.
    static func all(_ settings: Settings) -> [SettingRecord] {
        SettingsKey.all.compactMap { key in
            if let given = settings.given[key.name] {
                let isDatabase = settings.databases.contains { $0.key == key.name }
                return SettingRecord(
                    key: key.name, values: isDatabase ? given.values.map(withoutPassword) : given.values,
                    from: "\(given.origin)")
            }
            guard key.program != .daemon, case .value(let value) = key.default else { return nil }
            return SettingRecord(key: key.name, values: [value], from: "default")
        }
    }

    /// A connection string without what must not be shown. One that libpq cannot read is not shown at all.
    private static func withoutPassword(_ conninfo: String) -> String {
        ConnectionString(conninfo)?.masked ?? "(not a connection string)"
    }
}
