public import Core

/// A candidate as the database knows one: by number. Name and address are sealed.
public struct Candidate: Hashable, Sendable {
    public let company: CompanyID
    public let id: CandidateID
    /// Name and address.
    public let profile: SealedMessage
    /// What the sealed profile must be bound to.
    public let binding: Binding
    public let threadCount: Int
    public let messageCount: Int
}

extension Candidate {
    /// Ends where conditions go.
    private static let query = """
        SELECT c.company_id, c.candidate_id, c.head, c.tail, c.entry_id, c.bound_at,
            (SELECT count(*) FROM lever.thread AS t
             WHERE t.company_id = c.company_id AND t.candidate_id = c.candidate_id),
            (SELECT count(*) FROM lever.message AS m
             WHERE m.company_id = c.company_id AND m.candidate_id = c.candidate_id)
        FROM lever.candidate AS c
        WHERE c.company_id = $1
        """

    /// Every candidate of the company, in the order they were added.
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
            query + " AND c.index_version = $2 AND c.email_index = $3",
            .bigint(company.rawValue), .smallint(Int16(indexVersion)), .bytea(emailIndex))
        return rows.first.map(Candidate.init)
    }

    private init(_ row: Rows.Row) {
        company = CompanyID(rawValue: row.bigint(0))
        id = CandidateID(rawValue: row.bigint(1))
        profile = SealedMessage(head: row.bytea(2), tail: row.bytea(3))
        binding = Binding(
            content: .profile, company: company, subject: id.rawValue, entry: row.uuid(4), time: row.timestamp(5))
        threadCount = Int(row.bigint(6))
        messageCount = Int(row.bigint(7))
    }
}
