import Foundation
import TestSupport
import Testing

/// docs/architecture.md, compared with Package.swift.
@Suite struct ArchitectureTests {
    @Test func `every target has a line in docs/architecture.md`() throws {
        let package = try Repository.text(of: "Package.swift")
        let targets = Set(
            package.matches(of: #/(?:[tT]arget|systemLibrary)\(\s*name: "([^"]+)"/#).map { String($0.output.1) })
        #expect(targets.count > 40)

        var described: [String] = []
        for line in try ManualPage("docs/architecture.md").lines where line.text.hasPrefix("| `") {
            let cells = line.text.split(separator: "|")
            // The table of programs names some of them once more, in the same form.
            guard cells.count == 2 else { continue }
            described += cells[0].matches(of: #/`([^`]+)`/#).map { String($0.output.1) }
        }
        #expect(described.count == Set(described).count)
        #expect(targets.subtracting(described) == [])
    }
}
