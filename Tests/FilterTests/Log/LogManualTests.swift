import Core
import Foundation
import Testing
import TestSupport

@testable import Observability

/// docs/reference/log.md, compared with the code.
@Suite struct LogManualTests {
    private let manual: String

    init() throws {
        manual = try Repository.text(of: "docs/reference/log.md")
    }

    /// The rows of the table under a heading, by what their first column has in code.
    private func table(_ heading: String) throws -> [String: [String]] {
        let start = try #require(manual.range(of: "\n## \(heading)\n"))
        let section = manual[start.upperBound...]
        let end = section.range(of: "\n#")?.lowerBound ?? section.endIndex
        var rows: [String: [String]] = [:]
        for line in section[..<end].split(separator: "\n") where line.hasPrefix("| `") {
            let columns = line.dropFirst().dropLast().split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            let name = columns[0].replacing("`", with: "")
            #expect(rows[name] == nil, "\(name) is there twice")
            rows[name] = columns
        }
        return rows
    }

    @Test func `every reason code is listed, with what to do`() throws {
        let rows = try table("Reason codes")
        #expect(Set(rows.keys) == Set(Outcome.allCases.map(\.rawValue)))
        for (name, columns) in rows { #expect(columns.count == 3 && !columns.contains(""), "\(name)") }
    }

    @Test func `every event is listed with its level, and with what to do`() throws {
        let rows = try table("Events")
        #expect(Set(rows.keys) == Set(EventName.allCases.map(\.rawValue)))
        for name in EventName.allCases {
            let columns = try #require(rows[name.rawValue], "\(name)")
            #expect(columns.count == 4 && !columns.contains(""), "\(name)")
            #expect(columns[1] == name.level.rawValue, "\(name)")
        }
    }
}
