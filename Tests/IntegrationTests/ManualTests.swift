import Foundation
import TestSupport
import Testing

/// What docs/faults.md and docs/threats.md say is shown by tests.
@Suite("The tables of faults and threats")
struct ManualTests {
    @Test("Each row names its tests, and each test that is named exists", arguments: ["faults", "threats"])
    func named(_ name: String) throws {
        let manual = try ManualPage("docs/\(name).md").text
        let sources = try #require(FileManager.default.enumerator(atPath: ManualPage.repository + "/Tests"))
            .compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") && !$0.hasSuffix("ManualTests.swift") }
            .map { String(decoding: try contents(of: ManualPage.repository + "/Tests/" + $0), as: UTF8.self) }
        let names = manual.matches(of: #/\*([^*|]+)\*/#).map { $0.output.1.drop { $0 == "…" } }
        #expect(names.count > 40)
        for name in names { #expect(sources.contains { $0.contains(name) }, "\(name)") }
        // Rows of faults and threats have what shows them in the last column: a test, for a threat also a page.
        let header = name == "faults" ? "| fault |" : "| tries |"
        var rows = 0
        var shown = false
        for line in manual.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("|") else {
                shown = false
                continue
            }
            if line.hasPrefix(header) { shown = true }
            guard shown, !line.hasPrefix(header), !line.hasPrefix("| ---") else { continue }
            let last = line.split(separator: "|").last!
            #expect(last.contains("*") || name == "threats" && last.contains("]("), "\(line)")
            rows += 1
        }
        #expect(rows > 30)
    }
}
