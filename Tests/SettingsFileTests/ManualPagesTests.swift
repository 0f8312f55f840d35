import Foundation
import TestSupport
import Testing

@testable import SettingsFile
@testable import manual

/// The table of keys in the manual, and what the package makes of it.
@Suite struct ManualPagesTests {
    @Test func `the manual's table has a row for each key, in the words of the program, and no other`() throws {
        let page = try Repository.text(of: "docs/reference/configuration.md")
        // A row may end in a link.
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
            .map { $0.replacing(#/\. See \[[^\]]*\]\([^)]*\) \|$/#, with: " |") }
        #expect(
            rows == SettingsKey.all.map { "| `\($0.name)` | \($0.program) | \($0.default) | \($0.help) |" })
        #expect(Set(SettingsKey.all.map(\.name)).count == SettingsKey.all.count)
    }

    @Test func `the manual page has every key, and the manual's prose and examples`() throws {
        let markdown = try Repository.text(of: "docs/reference/configuration.md")
        let page = ConfigurationPage(markdown: markdown).text(Edition(date: "2026-01-01", release: "1.0"))
        for key in SettingsKey.all { #expect(page.contains(".TP\n\(Roff.bold(key.name))\n"), "\(key.name)") }
        #expect(page.contains("For lever-milter and leverctl. Required."))
        #expect(page.contains(".SH \"EXAMPLE, MAIL HOST\""))
        #expect(!page.contains("| key"))
    }

    @Test func `the default file is valid as it is, and with every key uncommented`() throws {
        let text = DefaultConfiguration().text
        let settings = try Settings(Array(text.utf8), path: "lever-milter.yaml")
        #expect(settings.socket == .descriptor(3))
        #expect(settings.spool == "/var/spool/lever-milter")
        #expect(settings.database == nil, "who installed it has to say")

        let lines = text.split(separator: "\n").map { $0.hasPrefix("# ") || $0 == "#" ? "" : $0.drop { $0 == "#" } }
        _ = try Settings(Array(lines.joined(separator: "\n").utf8), path: "lever-milter.yaml")
        for key in SettingsKey.all {
            #expect(lines.contains { $0.hasPrefix("\(key.name): ") }, "\(key.name)")
        }
    }

    @Test(arguments: [
        ("plain", "plain"),
        ("`--config FILE` names it", "\\fB\\-\\-config FILE\\fP names it"),
        ("see [the log](log.md#events)", "see the log"),
        (".yaml first", "\\&.yaml first"),
        ("a \\ and “…”", "a \\e and “\\&...”"),
        ("one `without end", "one `without end"),
    ])
    func `text is escaped for roff and otherwise unchanged`(_ markdown: String, _ roff: String) {
        #expect(Roff.inline(markdown) == roff)
    }
}
