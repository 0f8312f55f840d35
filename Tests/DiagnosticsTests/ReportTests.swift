import Glibc
import TestSupport
import Testing

@testable import Diagnostics

@Suite struct ReportTests {
    static func part(_ section: Section, _ statuses: Finding.Status...) -> CheckReport.Part {
        let id = CheckID.allCases.first { $0.section == section }!
        return CheckReport.Part(
            section, statuses.map { Finding(id: id, status: $0, text: "", advice: $0 > .notChecked ? "mend it" : nil) })
    }

    @Test(
        arguments: [
            ([part(.spool, .ok, .ok)], 0),
            ([part(.spool, .ok, .notChecked), part(.clock, .ok)], 0),
            ([part(.spool, .notChecked), part(.clock, .ok)], 3),
            ([part(.spool, .notChecked)], 3),
            ([part(.spool, .notChecked), part(.clock, .warning)], 1),
            ([part(.spool, .warning, .critical), part(.clock, .ok)], 2),
        ] as [([CheckReport.Part], Int32)])
    func
        `the exit status follows monitoring plugins: the worst finding, or 3 for a section that was not seen`(
            _ parts: [CheckReport.Part], _ code: Int32
        )
    {
        #expect(CheckReport(parts: parts).exitCode == code)
    }

    @Test func `the summary has the state, the counts and the names once each; the worst comes first in its section`() {
        let report = CheckReport(parts: [
            Self.part(.spool, .ok, .warning, .critical, .notChecked), Self.part(.clock, .warning),
        ])
        #expect(
            report.summary == "CRITICAL: 1 critical, 2 warning, 1 not checked, 1 ok: spool.directory clock.database")
        #expect(report.parts[0].findings.map(\.status) == [.critical, .warning, .notChecked, .ok])
    }

    @Test func `a check that hangs is left behind, and finished ones count`() {
        let start = ContinuousClock.now
        let done = TimeLimit.run(
            0.2,
            [0, 5].map { pause in
                { @Sendable in
                    sleep(UInt32(pause))
                    return pause
                }
            })
        #expect(done == [0, nil])
        #expect(ContinuousClock.now - start < .seconds(4))
    }

    @Test func `docs/reference/checks.md has every finding and no other`() throws {
        let path = "\(Repository.path)/docs/reference/checks.md"
        let page = String(decoding: try contents(of: path), as: UTF8.self)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        var described: [String] = []
        for row in rows {
            let cells = row.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { String($0.trimmingPrefix(" ")) }
            #expect(cells.count == 4 && cells.allSatisfy { !$0.isEmpty }, "\(row)")
            described += cells[0].split(separator: "`").map(String.init).filter { $0.contains(".") }
        }
        #expect(described.sorted() == CheckID.allCases.map(\.rawValue).sorted())
    }
}
