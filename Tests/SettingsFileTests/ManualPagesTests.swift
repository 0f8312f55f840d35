import Foundation
import TestSupport
import Testing

@testable import SettingsFile
@testable import manual

/// What the package makes of docs/reference/configuration.md.
@Suite struct ManualPagesTests {
    private func keys() throws -> [ConfigurationKey] {
        ConfigurationKey.all(in: try Repository.text(of: "docs/reference/configuration.md"))
    }

    @Test func `the table has every key that is read and no other`() throws {
        let source = try Repository.text(of: "Sources/SettingsFile/Settings.swift")
        let cases = try #require(source.firstMatch(of: #/switch value\.entry\.key \{([\s\S]*?)\n        default:/#))
            .output.1
        let known = cases.matches(of: #/(?m)^        case (".*?"):/#).flatMap {
            $0.output.1.split(separator: ", ").map { String($0).replacing("\"", with: "") }
        }
        #expect(known.count > 20)
        #expect(Set(try keys().map(\.name)) == Set(known))
    }

    @Test func `the default file is valid as it is, and with every key uncommented`() throws {
        let text = try DefaultConfiguration(keys: keys()).text()
        let settings = try Settings(Array(text.utf8), path: "lever-milter.yaml")
        #expect(settings.socket == .descriptor(3))
        #expect(settings.spool == "/var/spool/lever-milter")
        #expect(settings.database == nil, "who installed it has to say")

        let lines = text.split(separator: "\n").map { $0.hasPrefix("# ") || $0 == "#" ? "" : $0.drop { $0 == "#" } }
        _ = try Settings(Array(lines.joined(separator: "\n").utf8), path: "lever-milter.yaml")
        for key in try keys() {
            #expect(lines.contains { $0.hasPrefix("\(key.name): ") }, "\(key.name)")
        }
    }

    @Test func `a key without a default needs an example`() {
        let key = ConfigurationKey(name: "new", usedBy: "both", preset: "none", meaning: "something new")
        #expect(throws: DefaultConfiguration.MissingExample.self) { try DefaultConfiguration(keys: [key]).text() }
    }

    @Test func `a row may have several keys, each with its default`() {
        let row = "| `retry_min`, `retry_max` | lever-milter | `1`, `300` | seconds |"
        #expect(
            ConfigurationKey.all(in: row) == [
                ConfigurationKey(name: "retry_min", usedBy: "lever-milter", preset: "`1`", meaning: "seconds"),
                ConfigurationKey(name: "retry_max", usedBy: "lever-milter", preset: "`300`", meaning: "seconds"),
            ])
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
