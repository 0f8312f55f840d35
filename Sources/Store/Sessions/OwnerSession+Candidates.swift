public import Core

extension OwnerSession {
    /// Every candidate of the company, in the order they were added.
    public func candidates(of company: CompanyID) throws -> [Candidate] {
        try connection.actFor(company)
        return try Candidate.all(of: company, connection)
    }

    /// The candidate whose address has this blind index. Who is anonymous is not found.
    public func candidate(emailIndex: [UInt8], indexVersion: UInt8, of company: CompanyID) throws -> Candidate? {
        try connection.actFor(company)
        return try .find(emailIndex: emailIndex, indexVersion: indexVersion, of: company, connection)
    }

    /// The last candidate who had this address before becoming anonymous. The indices are those of every live index key.
    public func formerCandidate(
        emailIndices: [(version: UInt8, index: [UInt8])], of company: CompanyID
    ) throws -> CandidateID? {
        try connection.actFor(company)
        for (version, index) in emailIndices {
            let rows = try connection.query(
                """
                SELECT candidate_id FROM lever.candidate
                WHERE company_id = $1 AND index_version = $2 AND anonymized_at IS NOT NULL
                    AND email_index = lever.reapplicant_index($1, $3)
                ORDER BY anonymized_at DESC, candidate_id DESC LIMIT 1
                """,
                .bigint(company.rawValue), .smallint(Int16(version)), .bytea(index))
            if let row = rows.first { return CandidateID(rawValue: row.bigint(0)) }
        }
        return nil
    }

    /// A number for a candidate who is about to be added: the profile is sealed together with it.
    public func reserveCandidateID() throws -> CandidateID {
        let rows = try connection.query("SELECT nextval(pg_get_serial_sequence('lever.candidate', 'candidate_id'))")
        return CandidateID(rawValue: rows[0].bigint(0))
    }

    /// Adds a candidate; company, number, entry and time are those of the binding.
    public func addCandidate(
        _ profile: SealedMessage, binding: Binding, emailIndex: [UInt8], indexVersion: UInt8
    ) throws {
        precondition(binding.content == .profile)
        try connection.actFor(binding.company)
        let isAdded = try connection.transaction {
            let added = try connection.query(
                """
                INSERT INTO lever.candidate (
                    company_id, candidate_id, head, tail, entry_id, bound_at, email_index, index_version
                ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (company_id, index_version, email_index) WHERE anonymized_at IS NULL DO NOTHING
                RETURNING candidate_id
                """,
                .bigint(binding.company.rawValue), .bigint(binding.subject), .bytea(profile.head),
                .bytea(profile.tail), .uuid(binding.entry), .timestamp(binding.time), .bytea(emailIndex),
                .smallint(Int16(indexVersion)))
            guard !added.isEmpty else { return false }
            try connection.query(
                "SELECT lever.append_audit('candidate', true, NULL, $1, NULL, 'added')", .bigint(binding.subject))
            return true
        }
        if !isAdded,
            let other = try candidate(
                emailIndex: emailIndex, indexVersion: indexVersion, of: binding.company)
        {
            throw StoreError.candidateExists(other.id)
        }
    }

    /// Starts a thread of the candidate's correspondence, whose first message is signed with that marker key.
    public func startThread(
        _ thread: ThreadID, candidate: CandidateID, company: CompanyID, markerVersion: UInt8
    ) throws {
        try connection.actFor(company)
        let found = try connection.query(
            "SELECT anonymized_at IS NOT NULL FROM lever.candidate WHERE company_id = $1 AND candidate_id = $2",
            .bigint(company.rawValue), .bigint(candidate.rawValue))
        if found.first?.boolean(0) == true { throw StoreError.anonymous(candidate) }
        do {
            try connection.transaction {
                try connection.query(
                    """
                    INSERT INTO lever.thread (company_id, thread_id, candidate_id, marker_version)
                    VALUES ($1, $2, $3, $4)
                    """,
                    .bigint(company.rawValue), .bigint(thread.rawValue), .bigint(candidate.rawValue),
                    .smallint(Int16(markerVersion)))
                // Messages are bound to their thread; that the thread is this candidate's, the audit can tell.
                try connection.query(
                    "SELECT lever.append_audit('thread', true, NULL, $1, $2, 'started')",
                    .bigint(candidate.rawValue), .bigint(thread.rawValue))
            }
        } catch let error as DatabaseError where error.constraint == "thread_company_id_candidate_id_fkey" {
            throw StoreError.unknownCandidate(candidate)
        }
    }
}
