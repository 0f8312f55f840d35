public import Core

/// A candidate, known to the database by number. Name and address are sealed.
public struct Candidate: Hashable, Sendable {
    public let company: CompanyID
    public let id: CandidateID
    /// The binding of the sealed profile.
    public let binding: Binding
    /// When name and address were erased; nil if they were not.
    public let anonymizedAt: Timestamp?
    /// The company's signature of the sealed profile; nil if nobody has confirmed the profile. Not checked here.
    public let signature: [UInt8]?
    public let threadCount: Int
    /// Removed messages are not counted.
    public let messageCount: Int
}

extension Candidate {
    /// Every candidate of the company that the login sees, in the order in which they were added.
    static func all(of company: CompanyID, _ connection: Connection) throws(DatabaseError) -> [Candidate] {
        try connection.query("\(query(of: company)) ORDER BY c.candidate_id").map(Candidate.init)
    }

    /// Throws `StoreError.unknownCandidate`.
    static func find(_ id: CandidateID, of company: CompanyID, _ connection: Connection) throws -> Candidate {
        let rows = try connection.query("\(query(of: company)) AND c.candidate_id = \(id)")
        guard let row = rows.first else { throw StoreError.unknownCandidate(id) }
        return Candidate(row)
    }

    /// By the blind index of the address under the index key of that version.
    static func find(
        emailIndex: [UInt8], indexVersion: UInt8, of company: CompanyID, _ connection: Connection
    ) throws(DatabaseError) -> Candidate? {
        try connection.query(
            """
            \(query(of: company)) AND c.index_version = \(indexVersion) AND c.email_index = \(emailIndex)
                AND c.anonymized_at IS NULL
            """
        ).first.map(Candidate.init)
    }

    /// Ends in a condition, to which others may be added.
    private static func query(of company: CompanyID) -> Query {
        """
        SELECT c.company_id, c.candidate_id, c.entry_id, c.bound_at, c.anonymized_at, c.signature,
            (SELECT count(*) FROM lever.thread AS t
             WHERE t.company_id = c.company_id AND t.candidate_id = c.candidate_id) AS threads,
            (SELECT count(*) FROM lever.message AS m
             WHERE m.company_id = c.company_id AND m.candidate_id = c.candidate_id AND m.removed_at IS NULL) AS messages
        FROM lever.candidate AS c
        WHERE c.company_id = \(company)
        """
    }

    private init(_ row: Rows.Row) {
        company = row["company_id"]
        id = row["candidate_id"]
        binding = Binding(
            content: .profile, company: company, subject: id.rawValue, entry: row["entry_id"], time: row["bound_at"])
        anonymizedAt = row["anonymized_at"]
        signature = row["signature"]
        threadCount = row["threads"]
        messageCount = row["messages"]
    }
}
