import SettingsFile

/// lever-milter.yaml(5): the prose of the manual's page about the configuration, with the table of keys as the program
/// has it.
struct ConfigurationPage {
    /// The manual's page, whose own table of keys is left out.
    let markdown: String

    func text(_ edition: Edition) -> String {
        var roff = Roff("lever-milter.yaml", section: "5", edition)
        roff.section("NAME")
        roff.synopsis("lever\\-milter.yaml \\- configuration of lever\\-milter and leverctl")
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
                for key in SettingsKey.all { Self.describe(key, &roff) }
                roff.section("NOTES")
            } else if lines[0].hasPrefix("    ") {
                roff.verbatim(lines.map { String($0.dropFirst(4)) })
            } else {
                roff.paragraph(lines.joined(separator: "\n"))
            }
        }
        precondition(hasKeys, "the manual's page about the configuration has no table of keys")
        roff.section("FILES")
        roff.item(Roff.bold("/etc/lever-milter/lever-milter.yaml"), ["The file that is read if no other is named."])
        roff.section("SEE ALSO")
        roff.synopsis("\\fBlever\\-milter\\fP(8), \\fBleverctl\\fP(1)")
        return roff.text
    }

    private static func describe(_ key: SettingsKey, _ roff: inout Roff) {
        let absent = "\(key.default)"
        let preset = absent.hasPrefix("required") ? "Required\(absent.dropFirst(8))." : "Default: \(absent)."
        let programs = key.program == .both ? "lever-milter and leverctl" : "\(key.program)"
        roff.item(Roff.bold(key.name), ["\(key.help).", "For \(programs). \(preset)"])
    }
}
