/// The page of the configuration file, made of docs/reference/configuration.md.
struct ConfigurationPage {
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
                for key in ConfigurationKey.all(in: String(block)) {
                    let preset = key.preset.hasPrefix("required") ? "\(key.preset)." : "Default: \(key.preset)."
                    let usedBy = key.usedBy == "both" ? "lever-milter and leverctl" : key.usedBy
                    let capital = preset.prefix(1).uppercased() + preset.dropFirst()
                    roff.item(Roff.bold(key.name), ["\(key.meaning).", "For \(usedBy). \(capital)"])
                }
                roff.section("NOTES")
            } else if lines[0].hasPrefix("    ") {
                roff.verbatim(lines.map { String($0.dropFirst(4)) })
            } else {
                roff.paragraph(lines.joined(separator: "\n"))
            }
        }
        precondition(hasKeys, "docs/reference/configuration.md has no table of keys")
        roff.section("FILES")
        roff.item(Roff.bold("/etc/lever-milter/lever-milter.yaml"), ["The file, where no other one is named."])
        roff.section("SEE ALSO")
        roff.synopsis("\\fBlever\\-milter\\fP(8), \\fBleverctl\\fP(1)")
        return roff.text
    }
}
