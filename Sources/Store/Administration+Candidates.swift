public import Core

extension Administration {
    /// Every candidate of the company, in the order they were added.
    public func candidates(of company: CompanyID) throws -> [Candidate] {
        try Candidate.all(of: company, connection)
    }

    /// The candidate whose address has this blind index.
    public func candidate(emailIndex: [UInt8], indexVersion: UInt8, of company: CompanyID) throws -> Candidate? {
        try .find(emailIndex: emailIndex, indexVersion: indexVersion, of: company, connection)
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
        let added = try connection.query(
            """
            INSERT INTO lever.candidate (
                company_id, candidate_id, head, tail, entry_id, bound_at, email_index, index_version
            ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (company_id, index_version, email_index) DO NOTHING
            RETURNING candidate_id
            """,
            .bigint(binding.company.rawValue), .bigint(binding.subject), .bytea(profile.head), .bytea(profile.tail),
            .uuid(binding.entry), .timestamp(binding.time), .bytea(emailIndex), .smallint(Int16(indexVersion)))
        if added.isEmpty,
            let other = try candidate(
                emailIndex: emailIndex, indexVersion: indexVersion, of: binding.company)
        {
            throw StoreError.candidateExists(other.id)
        }
    }

    /// Starts a thread of the candidate's correspondence.
    public func startThread(_ thread: ThreadID, candidate: CandidateID, company: CompanyID) throws {
        do {
            try connection.query(
                "INSERT INTO lever.thread (company_id, thread_id, candidate_id) VALUES ($1, $2, $3)",
                .bigint(company.rawValue), .bigint(thread.rawValue), .bigint(candidate.rawValue))
        } catch  where error.constraint == "thread_company_id_candidate_id_fkey" {
            throw StoreError.unknownCandidate(candidate)
        }
    }
}
