import Core
import TestSupport
import Testing

@testable import Store

@Suite struct SyncChoiceTests: StoreSuite {
    let fixture: StoreFixture
    private let admin: ReaderSession

    init() throws {
        fixture = try StoreFixture(.common())
        admin = try fixture.database.timeline(of: fixture.tenant, .superAdmin)
    }

    private func sync() throws -> SyncLevel { try administration.company("\(company)").sync }

    private func setFullSync(_ isReady: Bool) throws {
        var change = CompanyChange()
        change.isFullSyncReady = isReady
        _ = try administration.change(company, change)
    }

    @Test func `full sync is chosen once it is set up, and stays set up while it is chosen`() throws {
        #expect(
            try storeError { try admin.chooseSync(.full, of: company, reason: "test") }
                == .refused("full sync is not set up for this company"))
        #expect(try sync() == .limited)
        try setFullSync(true)
        try admin.chooseSync(.full, of: company, reason: "test")
        #expect(try sync() == .full)
        #expect(try storeError { try setFullSync(false) } == .fullSyncInUse)
        try admin.chooseSync(.limited, of: company, reason: "test")
        #expect(try sync() == .limited)
        try setFullSync(false)
    }

    @Test func `on-premise Exchange is never on limited sync`() throws {
        let name = "exchange-\(UInt64.random(in: 0...UInt64.max))"
        let exchange = try administration.addCompany(
            name: name, provider: .exchange, sync: .off, domains: ["\(name).example"], markerKey: .random(32),
            indexKey: .random(32))
        let admin = try database.timeline(of: exchange.id, administration, .superAdmin)
        #expect(
            try storeError { try admin.chooseSync(.limited, of: exchange.id, reason: "") }
                == .refused("on-premise Exchange has no limited sync"))
        #expect(try administration.company(name).sync == .off)
    }

    @Test(arguments: UserRole.allCases)
    func `nobody but a super admin of the company chooses; each try is in the audit`(_ role: UserRole) throws {
        try setFullSync(true)
        let user = try database.timeline(of: tenant, role)
        let refusal = try storeError { try user.chooseSync(.full, of: company, reason: "why") }
        #expect(refusal == (role == .superAdmin ? nil : .refused("only a super admin chooses")))
        let audited = try database.query(
            """
            SELECT allowed, reason FROM lever.audit WHERE company_id = \(company) AND action = 'sync'
            ORDER BY seq DESC LIMIT 1
            """)
        #expect(audited == (role == .superAdmin ? "t|full: why" : "f|only a super admin chooses: full: why"))
        let other = try Tenant(in: administration)
        #expect(
            try storeError { try user.chooseSync(.full, of: other.company.id, reason: "") }
                == .refused("no right in this company"))
    }

    @Test func `a user agrees to sending under limited sync, to reading too under full; narrowing takes reading back`()
        throws
    {
        let user = try database.timeline(of: tenant, .teamMember)
        #expect(try user.grants(company: company) == ReaderSession.Grants(send: false, read: false))
        try user.optIn(true, company: company)
        #expect(try user.grants(company: company) == ReaderSession.Grants(send: true, read: false))
        try setFullSync(true)
        try admin.chooseSync(.full, of: company, reason: "")
        #expect(try user.grants(company: company) == ReaderSession.Grants(send: true, read: false), "not by itself")
        try user.optIn(true, company: company)
        #expect(try user.grants(company: company) == ReaderSession.Grants(send: true, read: true))
        try admin.chooseSync(.limited, of: company, reason: "")
        #expect(try user.grants(company: company) == ReaderSession.Grants(send: true, read: false))
        try admin.chooseSync(.full, of: company, reason: "")
        #expect(try user.grants(company: company) == ReaderSession.Grants(send: true, read: false), "asked anew")
        try user.optIn(false, company: company)
        #expect(try user.grants(company: company) == ReaderSession.Grants(send: false, read: false))
        #expect(
            try admin.grants(company: company) == ReaderSession.Grants(send: false, read: false), "each for oneself")

        var change = CompanyChange()
        change.sync = .off
        _ = try administration.change(company, change)
        #expect(
            try storeError { try user.optIn(true, company: company) } == .refused("the company has chosen no sync"))
        try user.optIn(false, company: company)
    }

    @Test func `switching deletes nothing, and what a host accepted before still comes`() throws {
        let mailHost = try database.mailHost()
        let (before, after) = (tenant.message(), tenant.message())
        #expect(try mailHost.ingest([before]) == [.captured])
        try setFullSync(true)
        try admin.chooseSync(.full, of: company, reason: "")
        #expect(try mailHost.ingest([after]) == [.captured])
        let seen = try admin.entries(company: company, candidate: tenant.candidate).map(\.entry)
        #expect(Set(seen) == [before.entry, after.entry])
        #expect(try admin.lastCaptured(of: company)?.at == max(before.record.acceptedAt, after.record.acceptedAt))
        let empty = try Tenant(in: administration)
        let other = try database.timeline(of: empty, .superAdmin)
        #expect(try other.lastCaptured(of: empty.company.id) == nil)
    }
}
