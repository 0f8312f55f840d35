import Core
import Foundation
import TestSupport
import Testing

@testable import Tracing

@Suite("Reason codes")
struct ReasonTests {
    @Test("The manual has a row for each, and says what leverctl says", arguments: Outcome.allCases)
    func manual(outcome: Outcome) throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../docs/operations.md"
        // Without the marks that a terminal does not show.
        let text = String(decoding: try contents(of: path), as: UTF8.self)
            .replacing("`", with: "").replacing(#/\[([^\]]*)\]\([^)]*\)/#) { $0.output.1 }
        #expect(
            text.contains("\n| \(outcome.rawValue) | \(outcome.sentence) | \(outcome.advice) |\n"),
            "| `\(outcome.rawValue)` | \(outcome.sentence) | \(outcome.advice) |")
    }
}
