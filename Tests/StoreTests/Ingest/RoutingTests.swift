import Core
import TestSupport
import Testing

@testable import Store

@Suite struct RoutingTests {
    private let database: StoreDatabase
    private let administration: OwnerSession
    private let mailHost: IngestSession

    init() throws {
        database = try .installed()
        administration = try database.administration()
        mailHost = try database.mailHost()
    }

    @Test func `the rows make the routing that the filter works with`() throws {
        let (marker, index) = ([UInt8].random(32), [UInt8].random(32))
        let company = try administration.addCompany(
            name: "Acme", provider: .google, sync: .limited, domains: ["acme.example", "mail.acme.example"],
            markerKey: marker, indexKey: index)
        let publicKeys = [[UInt8].random(91), .random(91)]
        for key in publicKeys { try administration.addSealingKey(key, keyID: .random(20), to: company.id) }
        let other = try administration.addCompany(
            name: "Beta", provider: .exchange, sync: .off, domains: ["beta.example"],
            markerKey: .random(32), indexKey: .random(32))

        let routing = try Routing(rows: mailHost.routing())
        #expect(routing.count == 2)
        let acme = try #require(routing[company.id])
        #expect(acme.sync == .limited)
        #expect(acme.domains == ["acme.example", "mail.acme.example"])
        #expect(Set(acme.sealingKeys) == Set(publicKeys))
        #expect(acme.markerKeys == [1: marker])
        #expect(acme.indexKey == Routing.IndexKey(version: 1, key: index))
        #expect(routing.company(domain: "beta.example")?.id == other.id)
        #expect(routing[other.id]?.sync == .off)
    }

    @Test func `retired keys are not in it`() throws {
        let tenant = try Tenant(in: administration)
        _ = try database.query(
            "UPDATE lever.sealing_key SET state = 'retired'; UPDATE lever.company_secret SET state = 'retired'")
        let rows = try mailHost.routing()
        #expect(Set(rows.map(\.item)) == [.company, .domain])
        #expect(rows.allSatisfy { $0.company == tenant.company.id })
    }

    @Test(arguments: [
        "UPDATE lever.company SET sync = 'off'",
        "INSERT INTO lever.company_domain (company_id, domain) SELECT company_id, 'new.example' FROM lever.company",
        "DELETE FROM lever.company_domain",
        "UPDATE lever.company_secret SET state = 'retired' WHERE kind = 'marker'",
        "UPDATE lever.sealing_key SET state = 'retired'",
        "TRUNCATE lever.sealing_key",
        "UPDATE lever.company SET recipient_delimiter = '+'",
        """
        INSERT INTO lever.withdrawn_thread (company_id, thread_id) SELECT company_id, thread_id FROM lever.thread
        """,
    ])
    func `every change of what is in it is announced`(change: String) async throws {
        _ = try Tenant(in: administration)
        try await waitUntil("the first announcement") { try mailHost.routingChanged() }
        // More may come for the steps in which the tenant was made: they end before an announcement of our own.
        _ = try database.query("NOTIFY other; \(change)")
        let before = try mailHost.routing()
        try await waitUntil("the announcement of \(change)") { try mailHost.routingChanged() }
        #expect(try Set(mailHost.routing()) == Set(before))
    }

    @Test func `mail that is stored announces nothing`() throws {
        let tenant = try Tenant(in: administration)
        _ = try mailHost.routing()
        _ = try mailHost.routingChanged()
        #expect(try mailHost.ingest([tenant.message()]) == [.captured])
        #expect(try mailHost.routingChanged() == false)
    }
}
