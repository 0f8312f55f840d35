import SettingsFile

/// lever-milter.yaml(5) and leverctl.yaml(5): the prose of the manual's page about the configuration, with the keys of
/// the file as the program has them.
struct ConfigurationPage {
    let file: ConfigurationFile
    /// The manual's page, whose own table of keys is left out.
    let markdown: String

    func text(_ edition: Edition) -> String {
        var roff = Roff(file.name, section: "5", edition)
        roff.section("NAME")
        roff.synopsis("\(Self.word(file.name)) \\- configuration of \(Self.word(file.program))")
        roff.section("DESCRIPTION")
        var hasKeys = false
        for block in markdown.split(separator: "\n\n") {
            let lines = block.split(separator: "\n").map(String.init)
            if lines[0].hasPrefix("# ") {
                continue
            } else if lines[0].hasPrefix("## ") {
                roff.section(lines[0].dropFirst(3).uppercased())
            } else if lines[0].hasPrefix("| key") {
                hasKeys = true
                roff.section("KEYS")
                for key in file.keys { Self.describe(key, &roff) }
                roff.section("NOTES")
            } else if lines[0].hasPrefix("- ") {
                for item in Self.items(lines) { roff.item("\\(bu", [item]) }
            } else if lines[0].hasPrefix("    ") {
                roff.verbatim(lines.map { String($0.dropFirst(4)) })
            } else {
                roff.paragraph(lines.joined(separator: "\n"))
            }
        }
        precondition(hasKeys, "the manual's page about the configuration has no table of keys")
        roff.section("FILES")
        for file in ConfigurationFile.allCases { roff.item(Roff.bold(file.path), [file.use]) }
        roff.item(Roff.bold("~/.config/lever/leverctl.yaml"), ["A user's own, for leverctl."])
        roff.section("SEE ALSO")
        let others = ConfigurationFile.allCases.filter { $0 != file }.map { "\(Roff.bold($0.name))(5)" }
        roff.synopsis((others + ["\\fBlever\\-milter\\fP(8)", "\\fBleverctl\\fP(1)"]).joined(separator: ", "))
        return roff.text
    }

    private static func word(_ name: String) -> String { Roff.inline(name).replacing("-", with: "\\-") }

    /// The items of a list, whose further lines are indented.
    private static func items(_ lines: [String]) -> [String] {
        lines.reduce(into: []) { items, line in
            if line.hasPrefix("- ") { items.append(String(line.dropFirst(2))) } else { items[items.count - 1] += "\n\(line)" }
        }
    }

    private static func describe(_ key: SettingsKey, _ roff: inout Roff) {
        let absent = "\(key.default)"
        let preset = absent.hasPrefix("required") ? "Required\(absent.dropFirst(8))." : "Default: \(absent)."
        let programs = key.program == .both ? "lever-milter and leverctl" : "\(key.program)"
        roff.item(Roff.bold(key.name), ["\(key.help).", "For \(programs). \(preset)"])
    }
}
