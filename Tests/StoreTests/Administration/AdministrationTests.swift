import Core
import TestSupport
import Testing

@testable import Store

@Suite struct AdministrationTests {
    private let database: StoreDatabase
    private let administration: OwnerSession

    init() throws {
        database = try .installed()
        administration = try database.administration()
    }

    private func add(
        _ name: String, provider: MailProvider = .google, sync: SyncLevel = .limited, domains: [String]
    ) throws -> CompanyRecord {
        try administration.addCompany(
            name: name, provider: provider, sync: sync, domains: domains, markerKey: .random(32), indexKey: .random(32))
    }

    private func error(of body: () throws -> Any) -> StoreError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test func `a company is found by name and by id, with its domains in order`() throws {
        let acme = try add("Acme GmbH & Söhne", domains: ["b.example", "a.example"])
        #expect(acme.domains == ["a.example", "b.example"])
        #expect(try administration.company("Acme GmbH & Söhne") == acme)
        #expect(try administration.company("\(acme.id)") == acme)
        #expect(try administration.company("acme gmbh & SÖHNE") == acme)
        #expect(error { try administration.company("Acme GmbH") } == .unknownCompany("Acme GmbH", likely: [acme.name]))
        let beta = try add("Aardvark", domains: ["c.example"])
        #expect(try administration.companies() == [beta, acme])
    }

    @Test func `of companies whose names differ in case alone, each is found by its own name and id`() throws {
        let (one, other) = (try add("Acme", domains: ["a.example"]), try add("ACME", domains: ["b.example"]))
        #expect(try administration.company("Acme") == one)
        #expect(try administration.company("ACME") == other)
        #expect(try administration.company("\(other.id)") == other)
        #expect(error { try administration.company("acme") } == .ambiguousCompany("acme", ["ACME", "Acme"]))
        #expect(error { try administration.company("globex") } == .unknownCompany("globex"))
        #expect(
            error { try administration.company("acne") }?.description
                == "no company 'acne'; did you mean 'ACME' or 'Acme'?")
    }

    @Test func `a company's first keys are in use at once`() throws {
        let (marker, index) = ([UInt8].random(32), [UInt8].random(32))
        let company = try administration.addCompany(
            name: "Acme", provider: .google, sync: .full, domains: ["a.example"], markerKey: marker, indexKey: index)
        #expect(try administration.markerKey(of: company.id) == (1, marker))
        #expect(try administration.indexKey(of: company.id) == Routing.IndexKey(version: 1, key: index))
    }

    @Test func `what is refused of a new company leaves nothing behind`() throws {
        _ = try add("Acme", domains: ["a.example"])
        #expect(error { try add("Acme", domains: ["b.example"]) } == .companyNameTaken("Acme"))
        #expect(error { try add("Beta", domains: ["b.example", "a.example"]) } == .domainTaken)
        #expect(error { try add("Beta", provider: .exchange, domains: ["b.example"]) } == .exchangeHasNoLimitedSync)
        for name in ["", "12", " Beta", "Be\nta", String(repeating: "x", count: 201)] {
            #expect(error { try add(name, domains: ["b.example"]) } == .companyNameMalformed)
        }
        #expect(try database.query("SELECT count(*) FROM lever.company_domain") == "1")
        #expect(try database.query("SELECT count(*) FROM lever.company_secret") == "2")
    }

    @Test func `that a domain is taken is told without telling by whom`() {
        #expect(!"\(StoreError.domainTaken)".contains("Acme"))
    }

    @Test(arguments: [
        "Upper.example", "single", "-a.example", "a-.example", "a..example", "ä.example", "a.example.",
        "a b.example",
    ])
    func `the database takes domains in lower-case ASCII alone`(domain: String) {
        #expect { _ = try add("Acme", domains: [domain]) } throws: { ($0 as? DatabaseError)?.sqlState == "23514" }
    }

    @Test func `a company changes in what is given, and in nothing else`() throws {
        let acme = try add("Acme", domains: ["a.example"])
        var change = CompanyChange()
        change.addedDomains = ["b.example", "a.example"]
        change.sync = .full
        let changed = try administration.change(acme.id, change)
        #expect(changed.domains == ["a.example", "b.example"])
        #expect(changed.sync == .full)
        #expect(changed.name == "Acme")
        #expect(changed.provider == .google)

        change = CompanyChange()
        change.name = "Acme Ltd"
        change.provider = .exchange
        change.removedDomains = ["a.example"]
        let again = try administration.change(acme.id, change)
        #expect(again.domains == ["b.example"])
        #expect(again.name == "Acme Ltd")
        #expect(again.provider == .exchange)
        #expect(again.sync == .full)
        #expect(try administration.company("Acme Ltd") == again)
    }

    @Test func `a change that is refused changes nothing`() throws {
        let acme = try add("Acme", domains: ["a.example"])
        _ = try add("Beta", domains: ["b.example"])
        func refused(_ set: (inout CompanyChange) -> Void) -> StoreError? {
            error {
                var change = CompanyChange()
                change.addedDomains = ["new.example"]
                set(&change)
                return try administration.change(acme.id, change)
            }
        }
        #expect(refused { $0.name = "Beta" } == .companyNameTaken("Beta"))
        #expect(refused { $0.provider = .exchange } == .exchangeHasNoLimitedSync)
        #expect(refused { $0.addedDomains = ["b.example"] } == .domainTaken)
        #expect(refused { $0.removedDomains = ["b.example"] } == .domainNotOfCompany("b.example"))
        #expect(refused { ($0.addedDomains, $0.removedDomains) = ([], ["a.example"]) } == .lastDomain)
        #expect(try administration.company("Acme") == acme)
    }

    @Test func `sealing keys are listed in the order they came, each once in a company`() throws {
        let acme = try add("Acme", domains: ["a.example"])
        let (first, second) = ([UInt8].random(20), [UInt8].random(20))
        try administration.addSealingKey(.random(91), keyID: first, to: acme.id)
        try administration.addSealingKey(.random(91), keyID: second, to: acme.id)
        #expect(try administration.sealingKeys(of: acme.id).map(\.keyID) == [first, second])
        #expect(try administration.sealingKeys(of: acme.id).allSatisfy(\.isActive))
        #expect(error { try administration.addSealingKey(.random(91), keyID: first, to: acme.id) } == .sealingKeyExists)
    }

    @Test func `a candidate's address is unique in a company, and finds the candidate`() throws {
        let (acme, beta) = (try add("Acme", domains: ["a.example"]), try add("Beta", domains: ["b.example"]))
        let index = [UInt8].random(16)
        let candidate = try Tenant.addCandidate(to: acme.id, emailIndex: index, in: administration)
        #expect(
            error { try Tenant.addCandidate(to: acme.id, emailIndex: index, in: administration) }
                == .candidateExists(candidate))
        let other = try Tenant.addCandidate(to: beta.id, emailIndex: index, in: administration)

        #expect(try administration.candidate(emailIndex: index, indexVersion: 1, of: acme.id)?.id == candidate)
        #expect(try administration.candidate(emailIndex: index, indexVersion: 1, of: beta.id)?.id == other)
        #expect(try administration.candidate(emailIndex: index, indexVersion: 2, of: acme.id) == nil)
        #expect(try administration.candidates(of: acme.id).map(\.id) == [candidate])
    }

    @Test func `candidates are numbered in each company by itself`() throws {
        let companies = try ["Acme", "Globex"].map { try add($0, domains: ["\($0.lowercased()).example"]).id }
        for number in 1...3 {
            for company in companies {
                #expect(try administration.reserveCandidateID(of: company).rawValue == Int64(number))
            }
        }
    }

    @Test func `a sealed profile comes back with the binding it was sealed with`() throws {
        let acme = try add("Acme", domains: ["a.example"])
        let profile = SealedMessage(head: .random(100), tail: .random(80))
        let id = try administration.reserveCandidateID(of: acme.id)
        let time = Timestamp(milliseconds: 1_795_511_234_567)
        let binding = Binding(
            content: .profile, company: acme.id, subject: id.rawValue, entry: .make(at: time), time: time)
        try administration.addCandidate(profile, binding: binding, emailIndex: .random(16), indexVersion: 1)
        let candidate = try #require(try administration.candidates(of: acme.id).first)
        #expect(candidate.binding == binding)
        #expect(candidate.threadCount == 0)
        let timeline = try database.timeline(of: acme.id, administration)
        #expect(try timeline.openProfile(of: id, company: acme.id, reason: "").sealed == profile)
        try administration.startThread(.random(), candidate: id, company: acme.id, markerVersion: 1)
        #expect(try administration.candidates(of: acme.id).first?.threadCount == 1)
    }

    @Test func `a thread needs a candidate of its own company`() throws {
        let acme = try Tenant(in: administration)
        let beta = try Tenant(in: administration)
        #expect(
            error {
                try administration.startThread(
                    .random(), candidate: beta.candidate, company: acme.company.id, markerVersion: 1)
            }
                == .unknownCandidate(beta.candidate))
    }
}
