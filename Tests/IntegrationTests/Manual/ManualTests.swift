import Foundation
import TestSupport
import Testing

/// The tests that docs/explanation/faults.md and docs/explanation/threats.md name exist.
@Suite struct ManualTests {
    @Test(arguments: ["faults", "threats"])
    func `every row names its tests, and every test that is named exists`(_ name: String) throws {
        let manual = try ManualPage("docs/explanation/\(name).md").text
        let sources = try #require(FileManager.default.enumerator(atPath: Repository.path + "/Tests"))
            .compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") && !$0.hasSuffix("ManualTests.swift") }
            .map {
                String(decoding: try contents(of: Repository.path + "/Tests/" + $0), as: UTF8.self).lowercased()
            }
        let names = manual.matches(of: #/\*([^*|]+)\*/#).map { $0.output.1.drop { $0 == "…" } }
        #expect(names.count > 40)
        for name in names { #expect(sources.contains { $0.contains(name.lowercased()) }, "\(name)") }
        // Rows of faults and threats name their evidence in the last column: a test, or for a threat also a page.
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
