public import Core

/// A candidate's sealed profile as it is listed: whose it is, and what it is bound to. Nothing of it is open.
public struct ListedProfile: Hashable, Sendable {
    public let candidate: CandidateID
    public let binding: Binding

    public var company: CompanyID { binding.company }
}

extension ListedProfile {
    /// Of every candidate that the login sees and that is not anonymous, those added last first.
    static func all(of company: CompanyID, _ connection: Connection) throws(DatabaseError) -> [ListedProfile] {
        try connection.query(
            """
            SELECT candidate_id, entry_id, bound_at FROM lever.candidate
            WHERE company_id = \(company) AND anonymized_at IS NULL ORDER BY candidate_id DESC
            """
        ).map { row in
            let candidate: CandidateID = row["candidate_id"]
            return ListedProfile(
                candidate: candidate,
                binding: Binding(
                    content: .profile, company: company, subject: candidate.rawValue, entry: row["entry_id"],
                    time: row["bound_at"]))
        }
    }
}
