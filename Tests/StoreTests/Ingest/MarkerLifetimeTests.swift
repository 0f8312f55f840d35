import Core
import TestSupport
import Testing

@testable import Store

/// How long a thread takes mail: until its marker is withdrawn, or too old.
@Suite struct MarkerLifetimeTests {
    private let database: StoreDatabase
    private let administration: OwnerSession
    private let mailHost: IngestSession
    private let tenant: Tenant

    init() throws {
        database = try .installed()
        administration = try database.administration()
        mailHost = try database.mailHost()
        tenant = try Tenant(in: administration)
    }

    private var company: CompanyID { tenant.company.id }

    private func set(_ change: (inout CompanyChange) -> Void) throws -> CompanyRecord {
        var changes = CompanyChange()
        change(&changes)
        return try administration.change(company, changes)
    }

    private func ago(days: Double) -> Timestamp {
        Timestamp(milliseconds: Timestamp.now().milliseconds - Int64(days * 86_400_000))
    }

    private func startedThread(daysAgo days: Int) throws {
        _ = try database.query("UPDATE lever.thread SET created_at = now() - interval '\(days) days'")
    }

    private func rows(_ table: String) throws -> String { try database.query("SELECT count(*) FROM lever.\(table)") }

    @Test
    func `a withdrawn thread takes no mail that is accepted later, whatever a mail host says, until it is restored`()
        throws
    {
        let before = tenant.message(acceptedAt: ago(days: 0.01))
        #expect(try administration.withdraw(true, thread: tenant.thread, company: company))
        #expect(try !administration.withdraw(true, thread: tenant.thread, company: company))
        #expect(
            try mailHost.routing().filter { $0.item == .withdrawnThread }
                .allSatisfy { $0.company == company && $0.value.count == 8 })
        #expect(try Routing(rows: mailHost.routing())[company]?.withdrawnThreads == [tenant.thread])

        // What a host accepted before is stored, also if it comes later, or again.
        #expect(try mailHost.ingest([before, tenant.message()]) == [.captured, .withdrawnMarker])
        #expect(try mailHost.ingest([before, tenant.record(.withdrawnMarker)]) == [.captured, .withdrawnMarker])
        #expect(try rows("message") == "1" && rows("message_part") == "1" && rows("learned_id") == "0")

        #expect(try administration.withdraw(false, thread: tenant.thread, company: company))
        #expect(try !administration.withdraw(false, thread: tenant.thread, company: company))
        #expect(try mailHost.ingest([tenant.message()]) == [.captured])
        #expect(try Routing(rows: mailHost.routing())[company]?.withdrawnThreads == [])
        #expect(
            try database.query("SELECT action, reason, thread_id FROM lever.audit WHERE action = 'thread' ORDER BY seq")
                == ["started", "withdrawn", "restored"].map { "thread|\($0)|\(tenant.thread)" }.joined(separator: "\n"))
    }

    @Test func `only a company's own thread is withdrawn`() throws {
        let other = try Tenant(in: administration)
        for thread in [other.thread, .random()] {
            #expect(throws: StoreError.unknownThread(thread)) {
                try administration.withdraw(true, thread: thread, company: company)
            }
        }
        #expect(try rows("withdrawn_thread") == "0")
    }

    @Test func `a thread older than markers live takes no mail; without a limit it does`() throws {
        try startedThread(daysAgo: 31)
        #expect(try mailHost.ingest([tenant.message()]) == [.captured])
        #expect(try set { $0.markerDays = 30 }.markerDays == 30)
        #expect(try mailHost.ingest([tenant.message()]) == [.expiredMarker])
        #expect(try rows("message") == "1")
        // What was accepted in time is stored, however late it comes.
        #expect(try mailHost.ingest([tenant.message(acceptedAt: ago(days: 2))]) == [.captured])
        #expect(try set { $0.markerDays = 32 }.markerDays == 32)
        #expect(try mailHost.ingest([tenant.message()]) == [.captured])
        _ = try set { $0.markerDays = 1 }
        #expect(try set { $0.markerDays = 0 }.markerDays == nil)
        #expect(try mailHost.ingest([tenant.message()]) == [.captured])
    }

    @Test(arguments: [(Direction.outbound, true), (.internal, true), (.inbound, false)])
    func `what the company writes keeps a thread alive; what comes in does not`(_ direction: Direction, _ lives: Bool)
        throws
    {
        try startedThread(daysAgo: 100)
        _ = try set { $0.markerDays = 120 }
        #expect(
            try mailHost.ingest([tenant.message(acceptedAt: ago(days: 20), direction: direction)]) == [.captured])
        _ = try set { $0.markerDays = 30 }
        #expect(try mailHost.ingest([tenant.message()]) == [lives ? .captured : .expiredMarker])
        // For a lifetime.
        _ = try set { $0.markerDays = 19 }
        #expect(try mailHost.ingest([tenant.message()]) == [.expiredMarker])
    }

    @Test func `another company's threads live as before`() throws {
        let other = try Tenant(in: administration)
        try startedThread(daysAgo: 31)
        _ = try set { $0.markerDays = 30 }
        #expect(try mailHost.ingest([tenant.message(), other.message()]) == [.expiredMarker, .captured])
    }

    @Test func `a recipient delimiter is kept, told to mail hosts, and taken away`() throws {
        #expect(try set { $0.recipientDelimiter = "+-" }.recipientDelimiters?.text == "+-")
        #expect(try Routing(rows: mailHost.routing())[company]?.recipientDelimiters?.text == "+-")
        #expect(try set { $0.sync = .limited }.recipientDelimiters?.text == "+-")
        #expect(try set { $0.recipientDelimiter = "" }.recipientDelimiters == nil)
        #expect(try Routing(rows: mailHost.routing())[company]?.recipientDelimiters == nil)
        #expect { _ = try set { $0.recipientDelimiter = "ab" } } throws: { ($0 as? DatabaseError)?.sqlState == "23514" }
    }
}
