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

    @Test(arguments: ConfigurationFile.allCases)
    func `the manual page of a file has its keys, and the manual's prose and examples`(_ file: ConfigurationFile)
        throws
    {
        let markdown = try Repository.text(of: "docs/reference/configuration.md")
        let page = ConfigurationPage(file: file, markdown: markdown).text(Edition(date: "2026-01-01", release: "1.0"))
        let names = Set(file.keys.map(\.name))
        for key in SettingsKey.all {
            #expect(page.contains(".TP\n\(Roff.bold(key.name))\n") == names.contains(key.name), "\(key.name)")
        }
        #expect(page.contains("For lever-milter and leverctl. Default: "))
        #expect(page.contains(".SH \"EXAMPLE, MAIL HOST\""))
        #expect(!page.contains("| key"))
    }

    @Test func `a key is in the default file of the program that it is for, and in both if it is for both`() {
        for key in SettingsKey.all {
            let files = ConfigurationFile.allCases.filter { $0.keys.contains { $0.name == key.name } }
            switch key.program {
            case .daemon, .daemonAndReplay: #expect(files == [.daemon], "\(key.name)")
            case .leverctl: #expect(files == [.leverctl], "\(key.name)")
            case .both: #expect(files == [.daemon, .leverctl], "\(key.name)")
            }
        }
    }

    @Test func `the default file of a mail host has what the units need, and no database`() throws {
        let settings = try Settings(Array(DefaultConfiguration(file: .daemon).text.utf8), path: "lever-milter.yaml")
        #expect(settings.socket == .descriptor(3))
        #expect(settings.spool == "/var/spool/lever-milter")
        #expect(settings.database == nil, "who installed it has to say")
    }

    @Test func `the default file of leverctl sets nothing`() throws {
        let text = DefaultConfiguration(file: .leverctl).text
        #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
        _ = try Settings(Array(text.utf8), path: "leverctl.yaml")
    }

    @Test(arguments: ConfigurationFile.allCases)
    func `a default file is valid with every key uncommented, and its prose fits 120 columns`(_ file: ConfigurationFile)
        throws
    {
        let text = DefaultConfiguration(file: file).text.split(separator: "\n")
        let lines = text.map { $0.hasPrefix("# ") || $0 == "#" ? "" : $0.drop { $0 == "#" } }
        _ = try Settings(Array(lines.joined(separator: "\n").utf8), path: file.name)
        for key in file.keys { #expect(lines.contains { $0.hasPrefix("\(key.name): ") }, "\(key.name)") }
        #expect(text.allSatisfy { !$0.hasPrefix("# ") || $0.count <= 120 })
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
