public import Core

/// A candidate as the database knows one: by number. Name and address are sealed.
public struct Candidate: Hashable, Sendable {
    public let company: CompanyID
    public let id: CandidateID
    /// What the sealed profile must be bound to.
    public let binding: Binding
    /// When name and address were erased; nil while they are there.
    public let anonymizedAt: Timestamp?
    public let threadCount: Int
    /// Those that have not been removed.
    public let messageCount: Int
}

extension Candidate {
    /// Ends where conditions go.
    private static let query = """
        SELECT c.company_id, c.candidate_id, c.entry_id, c.bound_at, c.anonymized_at,
            (SELECT count(*) FROM lever.thread AS t
             WHERE t.company_id = c.company_id AND t.candidate_id = c.candidate_id),
            (SELECT count(*) FROM lever.message AS m
             WHERE m.company_id = c.company_id AND m.candidate_id = c.candidate_id AND m.removed_at IS NULL)
        FROM lever.candidate AS c
        WHERE c.company_id = $1
        """

    /// Every candidate of the company that the login sees, in the order they were added.
    static func all(of company: CompanyID, _ connection: Connection) throws(DatabaseError) -> [Candidate] {
        try connection.query(query + " ORDER BY c.candidate_id", .bigint(company.rawValue)).map(Candidate.init)
    }

    /// Throws `StoreError.unknownCandidate`.
    static func find(_ id: CandidateID, of company: CompanyID, _ connection: Connection) throws -> Candidate {
        let rows = try connection.query(
            query + " AND c.candidate_id = $2", .bigint(company.rawValue), .bigint(id.rawValue))
        guard let row = rows.first else { throw StoreError.unknownCandidate(id) }
        return Candidate(row)
    }

    /// By the blind index of the address, made with the index key of that version.
    static func find(
        emailIndex: [UInt8], indexVersion: UInt8, of company: CompanyID, _ connection: Connection
    ) throws(DatabaseError) -> Candidate? {
        let rows = try connection.query(
            query + " AND c.index_version = $2 AND c.email_index = $3 AND c.anonymized_at IS NULL",
            .bigint(company.rawValue), .smallint(Int16(indexVersion)), .bytea(emailIndex))
        return rows.first.map(Candidate.init)
    }

    private init(_ row: Rows.Row) {
        company = CompanyID(rawValue: row.bigint(0))
        id = CandidateID(rawValue: row.bigint(1))
        binding = Binding(
            content: .profile, company: company, subject: id.rawValue, entry: row.uuid(2), time: row.timestamp(3))
        anonymizedAt = row.isNull(4) ? nil : row.timestamp(4)
        threadCount = Int(row.bigint(5))
        messageCount = Int(row.bigint(6))
    }
}
