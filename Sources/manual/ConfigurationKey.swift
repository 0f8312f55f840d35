/// A key of the configuration file, as a row of the table in docs/reference/configuration.md has it.
struct ConfigurationKey: Equatable {
    var name: String
    /// lever-milter, leverctl or both.
    var usedBy: String
    /// In Markdown: a value in backquotes, or words.
    var preset: String
    /// In Markdown.
    var meaning: String

    /// The value that counts without it, if there is one.
    var presetValue: String? {
        preset.wholeMatch(of: #/`([^`]*)`/#).map { String($0.output.1) }
    }

    /// In the order of the table. A row may have several keys, each with its preset.
    static func all(in markdown: String) -> [ConfigurationKey] {
        markdown.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { row -> [ConfigurationKey] in
            let cells = row.dropFirst().dropLast().split(separator: #/ \| /#, omittingEmptySubsequences: false).map {
                String($0.trimmingPrefix(" ").reversed().drop { $0 == " " }.reversed())
            }
            guard cells.count == 4 else { return [] }
            let names = cells[0].matches(of: #/`([^`]*)`/#).map { String($0.output.1) }
            let presets = names.count == 1 ? [cells[2]] : cells[2].split(separator: ", ").map(String.init)
            guard presets.count == names.count else { return [] }
            return zip(names, presets).map {
                ConfigurationKey(name: $0, usedBy: cells[1], preset: $1, meaning: cells[3])
            }
        }
    }
}
