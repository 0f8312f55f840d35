public import Core

extension OwnerSession {
    /// Every candidate of the company, in the order in which they were added.
    public func candidates(of company: CompanyID) throws -> [Candidate] {
        try connection.actFor(company)
        return try Candidate.all(of: company, connection)
    }

    /// The candidate whose address has this blind index. Anonymous candidates are not found.
    public func candidate(emailIndex: [UInt8], indexVersion: UInt8, of company: CompanyID) throws -> Candidate? {
        try connection.actFor(company)
        return try .find(emailIndex: emailIndex, indexVersion: indexVersion, of: company, connection)
    }

    /// The last candidate who had this address before becoming anonymous. Takes its index under every live index key.
    public func formerCandidate(
        emailIndices: [(version: UInt8, index: [UInt8])], of company: CompanyID
    ) throws -> CandidateID? {
        try connection.actFor(company)
        for (version, index) in emailIndices {
            let rows = try connection.query(
                """
                SELECT candidate_id FROM lever.candidate
                WHERE company_id = \(company) AND index_version = \(version) AND anonymized_at IS NOT NULL
                    AND email_index = lever.reapplicant_index(\(company), \(index))
                ORDER BY anonymized_at DESC, candidate_id DESC LIMIT 1
                """)
            if let row = rows.first { return row.decode(CandidateID.self) }
        }
        return nil
    }

    /// A number for a new candidate: the profile is sealed together with it. Each company counts for itself, so that
    /// none learns how many candidates others have.
    public func reserveCandidateID(of company: CompanyID) throws -> CandidateID {
        try connection.query(
            """
            INSERT INTO lever.candidate_number AS n (company_id, last) VALUES (\(company), 1)
            ON CONFLICT (company_id) DO UPDATE SET last = n.last + 1 RETURNING last
            """
        ).single.decode(CandidateID.self)
    }

    /// Adds a candidate; company, number, entry and time are those of the binding. `signature` is the company's of the
    /// sealed profile; nil while nobody has confirmed it.
    public func addCandidate(
        _ profile: SealedMessage, binding: Binding, emailIndex: [UInt8], indexVersion: UInt8,
        signature: [UInt8]? = nil
    ) throws {
        precondition(binding.content == .profile)
        try connection.actFor(binding.company)
        let isAdded = try connection.transaction {
            let added = try connection.query(
                """
                INSERT INTO lever.candidate (
                    company_id, candidate_id, head, tail, entry_id, bound_at, email_index, index_version, signature
                ) VALUES (
                    \(binding.company), \(binding.subject), \(profile.head), \(profile.tail), \(binding.entry),
                    \(binding.time), \(emailIndex), \(indexVersion), \(signature)
                )
                ON CONFLICT (company_id, index_version, email_index) WHERE anonymized_at IS NULL DO NOTHING
                RETURNING candidate_id
                """)
            guard !added.isEmpty else { return false }
            // The audit keeps what the profile was: an exchanged one is told from it until the profile is confirmed.
            try connection.query(
                """
                SELECT lever.append_audit('candidate', true, NULL, \(binding.subject), NULL,
                    'added ' || encode(sha256(\(profile.tail)), 'hex'))
                """)
            if signature != nil {
                try connection.query(
                    "SELECT lever.append_audit('candidate', true, NULL, \(binding.subject), NULL, 'confirmed')")
            }
            return true
        }
        if !isAdded,
            let other = try candidate(
                emailIndex: emailIndex, indexVersion: indexVersion, of: binding.company)
        {
            throw StoreError.candidateExists(other.id)
        }
    }

    /// Withdraws the marker of a thread, or restores it. A thread whose marker is withdrawn takes no mail that is
    /// accepted from now on, and nothing is sent in it. Returns false if it is so already.
    public func withdraw(_ isWithdrawn: Bool, thread: ThreadID, company: CompanyID) throws -> Bool {
        try connection.actFor(company)
        return try connection.transaction {
            let candidate = try connection.query(
                """
                SELECT candidate_id FROM lever.thread
                WHERE company_id = \(company) AND thread_id = \(thread) FOR KEY SHARE
                """
            ).first?.decode(CandidateID.self)
            guard let candidate else { throw StoreError.unknownThread(thread) }
            let changed = try connection.query(
                isWithdrawn
                    ? """
                    INSERT INTO lever.withdrawn_thread (company_id, thread_id) VALUES (\(company), \(thread))
                    ON CONFLICT DO NOTHING RETURNING thread_id
                    """
                    : """
                    DELETE FROM lever.withdrawn_thread WHERE company_id = \(company) AND thread_id = \(thread)
                    RETURNING thread_id
                    """)
            guard !changed.isEmpty else { return false }
            let what = isWithdrawn ? "withdrawn" : "restored"
            try connection.query(
                "SELECT lever.append_audit('thread', true, NULL, \(candidate), \(thread), \(what))")
            return true
        }
    }

    /// Starts a thread with the candidate, whose first message is signed with that marker key.
    public func startThread(
        _ thread: ThreadID, candidate: CandidateID, company: CompanyID, markerVersion: UInt8
    ) throws {
        try connection.actFor(company)
        do {
            // The audit gets a row by a trigger.
            try connection.query(
                """
                INSERT INTO lever.thread (company_id, thread_id, candidate_id, marker_version)
                VALUES (\(company), \(thread), \(candidate), \(markerVersion))
                """)
        } catch {
            switch error.constraint {
            case "thread_company_id_candidate_id_fkey": throw StoreError.unknownCandidate(candidate)
            case "candidate_is_not_anonymous": throw StoreError.anonymous(candidate)
            default: throw error
            }
        }
    }
}
