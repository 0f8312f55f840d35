import Core
import Sealing
import TestSupport
import Testing

@testable import Store

/// What the database keeps to prove a candidate's profile: the company's signature, and in the audit what was added.
@Suite struct ProfileConfirmationTests: StoreSuite {
    let fixture: StoreFixture
    private let signature = [UInt8](repeating: 7, count: 70)

    init() throws {
        fixture = try StoreFixture(.common())
    }

    private func lastAudited() throws -> String {
        try database.query(
            """
            SELECT action, allowed, candidate_id, reason FROM lever.audit WHERE company_id = \(company)
            ORDER BY seq DESC LIMIT 1
            """)
    }

    private func stored() throws -> String {
        try database.query(
            "SELECT signature FROM lever.candidate WHERE company_id = \(company) AND candidate_id = \(tenant.candidate)"
        )
    }

    @Test func `the audit has the digest of the profile that was added, and who confirmed it`() throws {
        let user = try database.timeline(of: tenant, .teamMember)
        let tail = try #require(try user.profileTail(of: tenant.candidate, company: company))
        let evidence = try user.profileEvidence(of: tenant.candidate, company: company)
        #expect(try evidence.tailDigest == SHA256.digest(of: tail) && !evidence.wasConfirmed)
        try user.confirmProfile(of: tenant.candidate, company: company, signature: signature)
        #expect(try lastAudited() == "candidate|t|\(tenant.candidate)|confirmed")
        #expect(try user.profileEvidence(of: tenant.candidate, company: company).wasConfirmed)
        #expect(try user.candidate(tenant.candidate, company: company).signature == signature)

        // A later row does not stand for the first.
        _ = try database.query(
            """
            SET lever.company = '\(company)';
            SELECT lever.append_audit('candidate', true, NULL, \(tenant.candidate), NULL,
                'added ' || encode(sha256('eve'), 'hex'))
            """)
        #expect(try user.profileEvidence(of: tenant.candidate, company: company).tailDigest == evidence.tailDigest)
    }

    @Test func `nobody confirms a candidate whom he does not see, or who is anonymous`() throws {
        let limited = try database.timeline(of: tenant, .limitedTeamMember)
        func refusal(_ user: ReaderSession) throws -> StoreError? {
            try storeError {
                try user.confirmProfile(of: tenant.candidate, company: company, signature: signature)
            }
        }
        #expect(try refusal(limited) == .refused("no such candidate"))
        #expect(try lastAudited() == "candidate|f|\(tenant.candidate)|no such candidate: confirmed")
        let evidence = try limited.profileEvidence(of: tenant.candidate, company: company)
        #expect(evidence.tailDigest == nil && evidence.wasConfirmed, "which proves nothing")
        let other = try Tenant(in: administration)
        #expect(try refusal(database.timeline(of: other, .superAdmin)) == .refused("no right in this company"))
        #expect(try stored() == "")

        let admin = try database.timeline(of: tenant, .superAdmin)
        #expect(try refusal(admin) == nil)
        try admin.anonymize(tenant.candidate, company: company, reason: "")
        #expect(try stored() == "", "it goes with the profile")
        #expect(try refusal(admin) == .refused("no such candidate"))
    }

    @Test(arguments: [nil, [], [UInt8](repeating: 1, count: 81)] as [[UInt8]?])
    func `a signature has a signature's length`(signature: [UInt8]?) throws {
        let connection = try database.connection(user: database.newUser(of: company, administration, .admin))
        #expect(
            try sqlState {
                try connection.query("SELECT lever.confirm_profile(\(company), \(tenant.candidate), \(signature))")
            } == "22023")
        #expect(try stored() == "")
    }

    @Test func `a candidate who is added with a signature is confirmed`() throws {
        let id = try administration.reserveCandidateID(of: company)
        let now = Timestamp.now()
        try administration.addCandidate(
            SealedMessage(head: .random(200), tail: .random(60)),
            binding: Binding(
                content: .profile, company: company, subject: id.rawValue, entry: .make(at: now), time: now),
            emailIndex: .random(16), indexVersion: 1, signature: signature)
        #expect(try lastAudited() == "candidate|t|\(id)|confirmed")
        #expect(try administration.candidates(of: company).first { $0.id == id }?.signature == signature)
    }
}
