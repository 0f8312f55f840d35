import TestSupport
import Testing

extension IntegrationTests {
    /// Messages as programs write them: what is captured, and what a reader sees. Cases/README.md explains the table.
    @Suite struct Cases {
        @Test(arguments: try! MessageCase.all.get())
        func `a message that a program wrote oddly shows what its writer meant`(_ one: MessageCase) async throws {
            let site = try await CaseSite.shared()
            for alternatives in one.expectations {
                let seen = try alternatives.map { try ($0, value(of: $0, one, site)) }
                #expect(
                    try seen.contains { term, value in
                        try (term.name == "entry" ? term.inLowerCase : term).holds(for: value)
                    }, "\(one.id): \(seen.map { "\($0): \($1)".prefix(400) })")
            }
        }

        private func value(of term: CaseTerm, _ one: MessageCase, _ site: CaseSite) throws -> CaseTerm.Value {
            let outcome = try site.story(of: one)?.outcome ?? "none"
            switch term.name {
            case "captured", "not_captured":
                let isCaptured = one.feed == .replay ? try site.entry(of: one) != nil : outcome == "captured"
                return .text(isCaptured == (term.name == "captured") ? "" : "outcome \(outcome)")
            case "outcome": return .text(outcome)
            case "json": return .text(String(decoding: try site.timeline(of: one), as: UTF8.self))
            case "trace": return .text(try site.trace(of: one))
            default:
                guard let entry = try site.entry(of: one) else { return .text("not on the timeline: \(outcome)") }
                return try entry.value(term.name)
            }
        }
    }
}
