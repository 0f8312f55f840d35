import TestSupport
import Testing

/// Expects that marked mail is deferred, that one log line says why, and that unmarked mail passes.
func expectTempfail(
    _ letter: Letter, _ host: OwnMailHost, reason: String, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let reply = try host.transfer(letter)
    #expect(reply.code == 451 && "\(reply)".contains("4.7.1"), "\(reply)", sourceLocation: sourceLocation)
    let line = try await host.daemon.line(with: "outcome=spool_failed", "reply=4.7.1", reason)
    #expect(!line.contains("anna@") && !line.contains("Marked"), sourceLocation: sourceLocation)
    #expect(
        try host.log().count { $0.contains("outcome=spool_failed") } == 1, sourceLocation: sourceLocation)
    #expect(try host.transfer(Letter("Unmarked")).code == 250, sourceLocation: sourceLocation)
}
