import Core
import TestSupport
import Testing

@testable import Store

@Suite struct UserTests: StoreSuite {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture(.common())
    }

    private func user(_ login: String) throws -> User? {
        try administration.users(of: company).first { $0.login == login }
    }

    @Test func `a user has a login, a role and an address, and what is changed of them alone changes`() throws {
        let login = try database.newUser(of: company, administration, .limitedTeamMember)
        let added = try #require(try user(login))
        #expect(added.role == .limitedTeamMember && added.isEnabled)

        try administration.changeUser(login, role: .admin, isEnabled: nil, address: nil, of: company)
        #expect(try user(login)?.role == .admin)
        #expect(try user(login)?.address == added.address)

        let index = [UInt8].random(16)
        let address = NewAddress.random(index, company)
        try administration.changeUser(login, role: nil, isEnabled: nil, address: address, of: company)
        #expect(try user(login)?.address == address.profile)
        #expect(try user(login)?.role == .admin)
        // Of the old one nothing is left, its index neither.
        #expect(
            try database.lines(
                "SELECT encode(email_index, 'hex') FROM lever.address_index WHERE company_id = \(company)")
                == [index.hex])
        #expect(try database.query("SELECT count(*) FROM lever.address WHERE company_id = \(company)") == "1")

        try administration.changeUser(login, role: nil, isEnabled: false, address: nil, of: company)
        #expect(try user(login)?.isEnabled == false)
        try administration.changeUser(login, role: nil, isEnabled: true, address: nil, of: company)
        #expect(try user(login)?.isEnabled == true)
        #expect(
            try storeError {
                try administration.changeUser("nobody", role: .admin, isEnabled: nil, address: nil, of: company)
            } == .unknownUser("nobody"))
    }

    @Test func `a changed role and a changed address count from the next statement on`() throws {
        let index = [UInt8].random(16)
        let message = tenant.message(sender: index)
        #expect(try database.mailHost().ingest([message]) == [.captured])
        let login = try database.newUser(of: company, administration, .limitedTeamMember)
        let timeline = try ReaderSession(database.conninfo(user: login))
        #expect(try timeline.find(entry: message.entry, company: company) == nil)
        try administration.changeUser(
            login, role: nil, isEnabled: nil, address: .random(index, company), of: company)
        #expect(try timeline.find(entry: message.entry, company: company) != nil)
        try administration.changeUser(
            login, role: nil, isEnabled: nil, address: .random(.random(16), company), of: company)
        #expect(try timeline.find(entry: message.entry, company: company) == nil)
        try administration.changeUser(login, role: .teamMember, isEnabled: nil, address: nil, of: company)
        #expect(try timeline.find(entry: message.entry, company: company) != nil)
    }

    @Test func `somebody takes part under every index key that the address has an index of, and under no other`() throws
    {
        let (first, second) = ([UInt8].random(16), [UInt8].random(16))
        let login = try database.newLogin(in: "lever_reader")
        var address = NewAddress.random(first, company)
        address.indices.append((2, second))
        try administration.addUser(login, role: .limitedTeamMember, address: address, to: company)
        let timeline = try ReaderSession(database.conninfo(user: login))
        for (index, version, isSeen) in [
            (first, 1, true), (second, 2, true), (first, 2, false), (second, 1, false), (first, 3, false),
        ] as [([UInt8], UInt8, Bool)] {
            let thread = ThreadID.random()
            try administration.startThread(thread, candidate: tenant.candidate, company: company, markerVersion: 1)
            var message = tenant.message(thread: thread, sender: index)
            message.record.indexVersion = version
            #expect(try database.mailHost().ingest([message]) == [.captured])
            #expect(try (timeline.find(entry: message.entry, company: company) != nil) == isSeen, "\(version)")
        }
    }

    @Test func `a disabled user sees nothing, opens nothing and changes nothing, until enabled again`() throws {
        let message = tenant.message()
        #expect(try database.mailHost().ingest([message]) == [.captured])
        let login = try database.newUser(of: company, administration, .superAdmin)
        let timeline = try ReaderSession(database.conninfo(user: login))
        let purpose = ReaderSession.Purpose(.open, reason: "a test")

        func refusals() throws -> [StoreError?] {
            try [
                storeError { try timeline.company(tenant.company.name) },
                storeError { try timeline.entries(company: company, candidate: tenant.candidate) },
                storeError { try timeline.open(entry: message.entry, company: company, purpose) },
                storeError { try timeline.openProfile(of: tenant.candidate, company: company, reason: "") },
                storeError { try timeline.setSecret(true, thread: tenant.thread, company: company, reason: "") },
            ]
        }
        #expect(try refusals() == [nil, nil, nil, nil, nil])
        try timeline.setSecret(false, thread: tenant.thread, company: company, reason: "")
        try administration.changeUser(login, role: nil, isEnabled: false, address: nil, of: company)
        let refused = StoreError.refused("no right in this company")
        #expect(
            try refusals() == [
                .unknownCompany(tenant.company.name), .unknownCandidate(tenant.candidate), refused, refused, refused,
            ])
        #expect(
            try storeError { try timeline.removeMessage(message.entry, company: company, reason: "") }
                == refused)
        #expect(try timeline.find(entry: message.entry, company: company) == nil)
        #expect(try timeline.companies() == [])
        try administration.changeUser(login, role: nil, isEnabled: true, address: nil, of: company)
        #expect(try refusals() == [nil, nil, nil, nil, nil])
    }

    @Test
    func `no user is made of a login that is not there, is no reader, is bound by nothing, or is somebody's already`()
        throws
    {
        func refusal(_ login: String, company: CompanyID? = nil) throws -> StoreError? {
            let company = company ?? self.company
            return try storeError {
                try administration.addUser(
                    login, role: .teamMember, address: .random(.random(16), company), to: company)
            }
        }
        let missing = "missing_\(UInt64.random(in: 0...UInt64.max))"
        #expect(try refusal(missing) == .noLogin(missing, role: "lever_reader"))
        // A group is no login.
        #expect(try refusal("lever_reader") == .noLogin("lever_reader", role: "lever_reader"))
        for roles in ["", "lever_auditor", "lever_ingest"] {
            let login = try database.newLogin(in: roles)
            #expect(try refusal(login) == .noLogin(login, role: "lever_reader"))
        }
        #expect(try refusal("postgres") == .privilegedLogin("postgres"))
        let owner = try database.newLogin(in: "lever_reader, lever_owner")
        #expect(try refusal(owner) == .privilegedLogin(owner))
        let bypassing = try database.newLogin(in: "lever_reader")
        _ = try database.query("ALTER ROLE \(bypassing) BYPASSRLS")
        #expect(try refusal(bypassing) == .privilegedLogin(bypassing))
        #expect(try administration.users(of: company) == [])
        #expect(try database.query("SELECT count(*) FROM lever.address WHERE company_id = \(company)") == "0")

        let login = try database.newLogin(in: "lever_reader")
        #expect(try refusal(login) == nil)
        #expect(try refusal(login) == .loginTaken(login))
        // One login is one user: of another company neither.
        let other = try Tenant(in: administration).company.id
        #expect(try refusal(login, company: other) == .loginTaken(login))
        #expect(try administration.users(of: other) == [])
        #expect(try administration.users(of: company).map(\.login) == [login])
    }
}
