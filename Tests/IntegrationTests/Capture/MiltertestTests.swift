import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Corners of the milter protocol, where miltertest plays the mail server.
    @Suite
    struct Miltertest {
        @Test func `a message aborted or cut off at any step leaves nothing behind, and the next one is captured`()
            async throws
        {
            let host = try MailHost.shared.get()
            let before = try host.query("SELECT count(*) FROM lever.message")
            let script = "\(Bundle.module.resourcePath!)/Miltertest/corners.lua"
            let run = try Command.run([
                "miltertest", "-D", "port=\(host.milterPort)", "-D", "marker=\(host.acme.marker)", "-s", script,
            ])
            #expect(run.status == 0, "\(run.text)\(run.errors)")

            try await waitUntil("the spool to be empty") {
                try Command.check(["find", host.spool + "/tmp", host.spool + "/new", "-type", "f"]).isEmpty
            }
            #expect(try host.query("SELECT count(*) FROM lever.message") == before)
            #expect(try host.log().filter { $0.hasPrefix("MILTERTEST: ") }.isEmpty)
            #expect(host.daemon.isRunning)
            let id = try host.send(Letter("After all that").answering(host.acme.marker))
            #expect(try await host.story(of: id).outcome == "captured")
        }
    }
}
