import Core
import Foundation
import TestSupport
import Testing

@testable import MessageTracing

@Suite struct ReasonTests {
    @Test(arguments: Outcome.allCases)
    func `the manual has a row for every reason, in leverctl's words`(outcome: Outcome) throws {
        // Without Markdown, which a terminal does not show.
        let text = try Repository.text(of: "docs/reference/log.md")
            .replacing("`", with: "").replacing(#/\[([^\]]*)\]\([^)]*\)/#) { $0.output.1 }
        #expect(
            text.contains("\n| \(outcome.rawValue) | \(outcome.sentence) | \(outcome.advice) |\n"),
            "| `\(outcome.rawValue)` | \(outcome.sentence) | \(outcome.advice) |")
    }
}
