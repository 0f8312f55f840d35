import Core
import DatabaseSupport
import Reading
import Store
import TestSupport
import Testing
import Unsealing

/// Finding a candidate whose name is sealed.
@Suite struct CandidateSearchTests {
    private let company: DatabaseCompany
    private let session: ReaderSession
    private let login: String

    init() throws {
        company = try DatabaseCompany()
        (session, login) = try company.newReader()
    }

    private func search(_ pattern: CandidatePattern, keys: KeyRing? = nil) throws -> CandidateSearch {
        try session.search(
            pattern, among: session.profiles(of: company.company.id), keys: keys ?? company.keys, reason: "looking")
    }

    private func rows(_ condition: String) throws -> Int {
        Int(
            try company.query(
                "SELECT count(*) FROM lever.audit WHERE login = '\(login)' AND action = 'profile' AND \(condition)"))!
    }

    @Test func `a candidate is found by part of the name and by address, in any case`() throws {
        let second = try company.addCandidate("ZOE@Work.Example")
        #expect(try search(.name(#require(NamePattern("ZO")))).matches.map(\.candidate) == [second, company.candidate])
        let byAddress = try search(.address(#require(Address("zoe@work.example"))))
        #expect(byAddress.matches.map(\.candidate) == [second])
        #expect(byAddress.matches[0].profile == CandidateProfile(name: "Zoë", email: "ZOE@Work.Example"))
        #expect(try search(.address(#require(Address("zoe@elsewhere.example")))).matches.isEmpty)
    }

    @Test func `the audit has a row of each name that was opened, with the reason`() throws {
        _ = try company.addCandidate("second@home.example")
        _ = try search(.name(#require(NamePattern("nobody"))))
        #expect(try rows("allowed AND reason = 'looking' AND candidate_id IS NOT NULL") == 2)
        #expect(try rows("true") == 2)
    }

    @Test func `names that the keys do not open are counted, and the audit has a row of each`() throws {
        let found = try search(.name(#require(NamePattern("zoe"))), keys: KeyRing([.generate()]))
        #expect(found.matches.isEmpty && found.unopened == 1)
        let refusals = try company.query(
            "SELECT count(*) FROM lever.audit WHERE login = '\(login)' AND action = 'refuse' AND candidate_id IS NOT NULL")
        #expect(refusals == "1")
    }

    @Test func `a limited team member searches among the candidates whose threads are theirs`() throws {
        let (limited, _) = try company.newReader(.limitedTeamMember)
        #expect(try limited.profiles(of: company.company.id).isEmpty)
        let all = try session.profiles(of: company.company.id)
        let found = try limited.search(
            .name(#require(NamePattern("zoe"))), among: all, keys: company.keys, reason: "looking")
        #expect(found.matches.isEmpty && found.unopened == 1)
    }

    @Test func `an anonymous candidate is not among them`() throws {
        try session.anonymize(company.candidate, company: company.company.id, reason: "asked for")
        #expect(try session.profiles(of: company.company.id).isEmpty)
    }

    @Test func `a batch larger than one statement takes is opened in order`() throws {
        var added = [company.candidate]
        for number in 0..<260 { added.append(try company.addCandidate("c\(number)@home.example")) }
        let found = try search(.name(#require(NamePattern("zoe"))))
        #expect(found.matches.map(\.candidate) == added.reversed())
        #expect(try rows("allowed") == 261)
    }
}
