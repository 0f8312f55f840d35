import TestSupport
import Testing

@testable import Store

extension IntegrationTests {
    /// Two companies on one mail host: what a login of one does to its own rows, and the other's mail.
    @Suite
    struct Tenants {
        @Test func `a transaction that anonymizes a candidate, and stays open, holds up no other company's mail`()
            async throws
        {
            let (own, other) = (try await OwnCompany(), try await OwnCompany())
            let host = try OwnMailHost("mx.\(own.domain)")
            try await host.isKnown()
            let (thread, held) = (try own.startThread(), try other.startThread())
            try await own.changesAreKnown()
            let user = try Connection(
                conninfo: own.host.postgres.connectionString(
                    database: MailHost.database, user: "super_\(other.word)"), application: "user")
            try user.execute(
                "BEGIN; SELECT lever.anonymize_candidate(\(other.id), \(held.candidate), 'asked for')")
            let waits = try host.send(Letter("Held").answering(held.messageId), to: other.address)
            let ids = try (1...3).map {
                try host.send(Letter("Goes on \($0)").answering(thread.messageId), to: own.address)
            }
            for id in ids { #expect(try await host.story(of: id).outcome == "captured") }
            try await host.daemon.line(with: waits, "postponed", "lock timeout")
            // What waited for the erasure is erased.
            try user.execute("COMMIT")
            #expect(try await host.story(of: waits).outcome == "erased")
            #expect(
                try own.host.query("SELECT count(*) FROM lever.message WHERE company_id = \(other.id)") == "0")
            #expect(try host.log().allSatisfy { !$0.contains("database unavailable") })
        }
    }
}
