import TestSupport
import Testing

/// Expects that this message, as it was sent, is all that a host stored, and that the spool has nothing left but,
/// perhaps, a delivered file.
func expectStoredOnce(
    _ letter: Letter, _ host: OwnMailHost, of tenant: MailHost.Tenant? = nil, besides others: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    try await waitUntil("the spool to be empty") {
        try !host.files().contains { $0.hasPrefix("new/") || $0.hasPrefix("tmp/") }
    }
    #expect(try host.files().filter { !$0.hasPrefix("delivered/") } == others, sourceLocation: sourceLocation)
    let stored = try host.stored()
    #expect(stored.count == 1, "\(stored)", sourceLocation: sourceLocation)
    guard let entry = stored.first else { return }
    let tenant = try tenant ?? MailHost.shared.get().acme
    let raw = try tenant.ctl.check(
        "message", "export", entry, "--company", tenant.name, "--private-key", tenant.privateKey, "--out", "-")
    expectEqual(raw, letter.bytes, sourceLocation: sourceLocation)
    // A repeated delivery does not log a second outcome.
    let outcomes = try host.log().filter { $0.contains("outcome=captured") }
    #expect(outcomes.count <= 1, "\(outcomes)", sourceLocation: sourceLocation)
}
