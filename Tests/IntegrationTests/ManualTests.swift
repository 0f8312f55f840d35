import Foundation
import TestSupport
import Testing

/// What docs/faults.md says is shown by tests.
@Suite("The table of faults")
struct ManualTests {
    private let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")

    @Test("Each row names its tests, and each test that is named exists")
    func named() throws {
        let manual = String(decoding: try contents(of: repository.path + "/docs/faults.md"), as: UTF8.self)
        let sources = try #require(FileManager.default.enumerator(atPath: repository.path + "/Tests"))
            .compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") && !$0.hasSuffix("ManualTests.swift") }
            .map { String(decoding: try contents(of: repository.path + "/Tests/" + $0), as: UTF8.self) }
        let names = manual.matches(of: #/\*([^*|]+)\*/#).map { $0.output.1.drop { $0 == "…" } }
        #expect(names.count > 60)
        for name in names { #expect(sources.contains { $0.contains(name) }, "\(name)") }
        // Rows of faults have five columns, with a test in the last.
        for row in manual.split(separator: "\n") where row.split(separator: "|").count == 5 && row.hasPrefix("| ") {
            guard !row.hasPrefix("| fault |"), !row.hasPrefix("| --- |") else { continue }
            #expect(row.split(separator: "|").last!.contains("*"), "\(row)")
        }
    }
}
