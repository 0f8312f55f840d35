public import Core

/// Candidates' profiles: many at a time, and confirming them with the company's signature.
extension ReaderSession {
    /// Of every candidate that the login sees and that is not anonymous, those added last first.
    public func profiles(of company: CompanyID) throws -> [ListedProfile] {
        try connection.actFor(company)
        return try ListedProfile.all(of: company, connection)
    }

    /// The sealed profiles of candidates of one company, in their order. The audit records each request, and those that
    /// are refused fail. At most 1,000 candidates.
    public func open(_ profiles: [ListedProfile], reason: String) throws -> [Result<Opening, StoreError>] {
        guard let company = profiles.first?.company else { return [] }
        precondition(profiles.count <= 1000 && profiles.allSatisfy { $0.company == company })
        try connection.actFor(company)
        let candidates = profiles.map(\.candidate)
        // A statement of its own: it is committed when it returns.
        let answers = try connection.query(
            "SELECT ticket, refusal FROM lever.request_profiles(\(company), \(candidates), \(reason))"
        ).decode((Int64?, String?).self)
        precondition(answers.count == profiles.count, "\(answers.count) answers for \(profiles.count) requests")
        let heads = Dictionary(
            uniqueKeysWithValues: try connection.query(
                "SELECT ticket, head FROM lever.take_heads(\(company), \(answers.compactMap(\.0)))"
            ).decode((Int64, [UInt8]?).self))
        let tails = Dictionary(
            uniqueKeysWithValues: try connection.query(
                """
                SELECT candidate_id, tail FROM lever.candidate
                WHERE company_id = \(company) AND candidate_id = ANY (\(candidates)) AND tail IS NOT NULL
                """
            ).decode((CandidateID, [UInt8]).self))
        return zip(candidates, answers).map { candidate, answer in
            guard let ticket = answer.0 else { return .failure(.refused(answer.1 ?? "no ticket")) }
            // Anonymized in the meantime.
            guard let head = heads[ticket] ?? nil, let tail = tails[candidate] else {
                return .failure(.anonymous(candidate))
            }
            return .success(Opening(sealed: SealedMessage(head: head, tail: tail), company: company, ticket: ticket))
        }
    }

    /// Keeps the company's signature of the candidate's sealed profile. Throws `StoreError.refused`.
    public func confirmProfile(of candidate: CandidateID, company: CompanyID, signature: [UInt8]) throws {
        try change("SELECT lever.confirm_profile(\(company), \(candidate), \(signature))")
    }

    /// What the audit says of a candidate's profile: the SHA-256 of the tail that it was added with, nil where that was
    /// not recorded; and whether the company has ever signed it.
    public func profileEvidence(
        of candidate: CandidateID, company: CompanyID
    ) throws -> (tailDigest: [UInt8]?, wasConfirmed: Bool) {
        let (digest, wasConfirmed) = try connection.query(
            "SELECT tail_digest, was_confirmed FROM lever.profile_evidence(\(company), \(candidate))"
        ).single.decode(([UInt8]?, Bool?).self)
        return (digest, wasConfirmed ?? true)
    }

    /// The tail of a candidate's sealed profile, which nothing opens without its head; nil if the candidate is
    /// anonymous.
    public func profileTail(of candidate: CandidateID, company: CompanyID) throws -> [UInt8]? {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT tail FROM lever.candidate
            WHERE company_id = \(company) AND candidate_id = \(candidate) AND tail IS NOT NULL
            """
        ).first?.decode([UInt8].self)
    }
}
