import Core
import TestSupport
import Testing

@testable import Store

/// Many profiles are opened by the rules for one.
@Suite struct ProfileBatchTests: StoreSuite {
    let fixture: StoreFixture
    private let login: String
    private let connection: Connection

    init() throws {
        fixture = try StoreFixture(.common())
        login = try fixture.database.newUser(of: fixture.tenant.company.id, fixture.administration, .teamMember)
        connection = try fixture.database.connection(user: login)
    }

    private func request(_ candidates: [CandidateID?]) throws -> [(CandidateID?, Int64?, String?)] {
        try connection.query(
            "SELECT candidate, ticket, refusal FROM lever.request_profiles(\(company), \(candidates), 'why')"
        ).decode((CandidateID?, Int64?, String?).self)
    }

    private func records() throws -> [AuditRecord] {
        try database.audit(of: company, administration).records(of: company, after: 0, limit: 1000)
            .filter { $0.login == login }
    }

    @Test func `each request has a row of the audit, in order, and each allowed one gives its head`() throws {
        let second = try Tenant.addCandidate(to: company, emailIndex: .random(16), in: administration)
        let unknown = CandidateID(rawValue: 7)
        let asked = [second, unknown, tenant.candidate, nil]
        let answers = try request(asked)
        #expect(answers.map(\.0) == asked)
        #expect(answers.map(\.2) == [nil, "no such candidate", nil, "no such opening"])
        let rows = try records()
        #expect(rows.map(\.candidate) == asked && rows.allSatisfy { $0.action == "profile" && $0.entry == nil })
        #expect(rows.map(\.allowed) == [true, false, true, false])
        #expect(rows.map(\.reason) == ["why", "no such candidate: why", "why", "no such opening: why"])
        #expect(answers.compactMap(\.1) == [rows[0].sequence, rows[2].sequence])
        let heads = try connection.query(
            "SELECT head FROM lever.take_heads(\(company), \(answers.compactMap(\.1)))"
        ).decode([UInt8]?.self)
        #expect(heads.count == 2 && heads.allSatisfy { $0 != nil } && heads[0] != heads[1])
    }

    @Test(arguments: ["'{}'", "NULL", "array_fill(1::bigint, ARRAY[1001])"])
    func `no candidate and more than a thousand are one refused request`(candidates: String) throws {
        let answers = try connection.query(
            "SELECT candidate, ticket, refusal FROM lever.request_profiles(\(company), \(unescaped: candidates), '')"
        ).decode((CandidateID?, Int64?, String?).self)
        #expect(answers.count == 1 && answers[0] == (nil, nil, "no such opening"))
        #expect(try records().map(\.allowed) == [false])
    }

    @Test func `whoever is no user of the company gets nothing, and has a row for each request`() throws {
        let other = try Tenant(in: administration)
        let answers = try connection.query(
            """
            SELECT ticket, refusal
            FROM lever.request_profiles(\(other.company.id), \([other.candidate, other.candidate]), 'why')
            """
        ).decode((Int64?, String?).self)
        #expect(answers.allSatisfy { $0.0 == nil && $0.1 == "no right in this company" } && answers.count == 2)
        #expect(try records().map(\.allowed) == [false, false])
        #expect(try records().map(\.candidate) == [other.candidate, other.candidate])
    }

    @Test func `profiles are opened in their order, also those that were anonymized meanwhile`() throws {
        let session = try ReaderSession(database.conninfo(user: login))
        let second = try Tenant.addCandidate(to: company, emailIndex: .random(16), in: administration)
        let third = try Tenant.addCandidate(to: company, emailIndex: .random(16), in: administration)
        let listed = try session.profiles(of: company)
        #expect(Set(listed.map(\.candidate)) == [tenant.candidate, second, third])
        let admin = try ReaderSession(
            database.conninfo(user: database.newUser(of: company, administration, .superAdmin)))
        try admin.anonymize(second, company: company, reason: "asked for")
        let opened = try session.open(listed, reason: "why")
        for (profile, opening) in zip(listed, opened) {
            switch opening {
            case .success: #expect(profile.candidate != second)
            case .failure(let error):
                #expect(profile.candidate == second && error == .refused("shredded"))
            }
        }
        #expect(try session.open([], reason: "why").isEmpty)
    }
}
