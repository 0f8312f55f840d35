public import Core

/// Confirming candidates' profiles with the company's signature.
extension ReaderSession {
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
