import Foundation
import TestSupport
import Testing

/// docs/architecture.md, compared with Package.swift.
@Suite struct ArchitectureTests {
    /// The targets, each with those of them that it depends on, in the order of Package.swift.
    private func targets() throws -> [String: [String]] {
        let package = try Repository.text(of: "Package.swift")
        let start = try #require(package.range(of: "    targets: [")).upperBound
        var targets: [String: [String]] = [:]
        for declaration in package[start...].split(
            separator: #/\.(?:target|executableTarget|testTarget|systemLibrary)\(/#)
        {
            guard let name = declaration.prefixMatch(of: #/\s*name: "([^"]+)"/#)?.output.1 else { continue }
            let list = declaration.firstMatch(of: #/dependencies: \[([^\]]*)\]/#)?.output.1 ?? ""
            targets[String(name)] = list.matches(of: #/"([^"]+)"/#).map { String($0.output.1) }
        }
        return targets.mapValues { $0.filter { targets[$0] != nil } }
    }

    /// The names in a cell, which are set as code.
    private func names(_ cell: some StringProtocol) -> [String] {
        String(cell).matches(of: #/`([^`]+)`/#).map { String($0.output.1) }
    }

    @Test func `every target has a line with its imports in docs/architecture.md, and every line a target`() throws {
        let targets = try targets()
        #expect(targets.count > 40)
        var described: [String] = []
        for line in try ManualPage("docs/architecture.md").lines where line.text.hasPrefix("| `") {
            let cells = line.text.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
            // The table of programs has four columns, that of modules three, that of what is for tests two.
            guard cells.count < 4 else { continue }
            described += names(cells[0])
            if cells.count == 3, let name = names(cells[0]).first {
                #expect(names(cells[1]) == targets[name], "\(name) imports what Package.swift says")
            }
        }
        #expect(described.count == Set(described).count)
        #expect(Set(described) == Set(targets.keys))
    }
}
