import Core

@testable import Store

/// A database with one tenant, an administrator's session and a mail host's: what most suites begin with.
struct StoreFixture {
    let database: StoreDatabase
    let administration: OwnerSession
    let tenant: Tenant
    let mailHost: IngestSession

    init(_ database: StoreDatabase) throws {
        self.database = database
        administration = try database.administration()
        tenant = try Tenant(in: administration)
        mailHost = try database.mailHost()
    }
}

/// A suite with a fixture, whose parts it uses as its own.
protocol StoreSuite {
    var fixture: StoreFixture { get }
}

extension StoreSuite {
    var database: StoreDatabase { fixture.database }
    var administration: OwnerSession { fixture.administration }
    var tenant: Tenant { fixture.tenant }
    var company: CompanyID { tenant.company.id }
    var mailHost: IngestSession { fixture.mailHost }
}
