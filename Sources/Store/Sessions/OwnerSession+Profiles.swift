public import Core

/// Sealed names and addresses, and their blind indices.
extension OwnerSession {
    /// Writes into the audit, and commits, that profiles are about to be opened.
    public func recordOpening(reason: String, of company: CompanyID) throws {
        try audit("profile", reason, of: company)
    }

    /// Of users and never-log entries.
    func addresses(of company: CompanyID) throws -> [SealedProfile] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT head, tail, entry_id, bound_at FROM lever.address
            WHERE company_id = $1 AND head IS NOT NULL ORDER BY entry_id FOR UPDATE
            """,
            .bigint(company.rawValue)
        ).compactMap { SealedProfile($0, from: 0, company: company) }
    }

    func candidateProfiles(of company: CompanyID) throws -> [SealedProfile] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT head, tail, entry_id, bound_at, candidate_id FROM lever.candidate
            WHERE company_id = $1 AND head IS NOT NULL ORDER BY candidate_id FOR UPDATE
            """,
            .bigint(company.rawValue)
        ).compactMap { SealedProfile($0, from: 0, company: company, subject: $0.bigint(4)) }
    }

    func addAddressIndex(_ entry: EntryID, _ version: UInt8, _ index: [UInt8], of company: CompanyID) throws {
        try connection.query(
            """
            INSERT INTO lever.address_index (company_id, entry_id, index_version, email_index) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING
            """,
            .bigint(company.rawValue), .uuid(entry), .smallint(Int16(version)), .bytea(index))
    }

    func addAddress(_ address: NewAddress, to company: CompanyID) throws {
        let binding = address.profile.binding
        precondition(binding.content == .profile && binding.subject == 0 && binding.company == company)
        try connection.actFor(company)
        try connection.query(
            "INSERT INTO lever.address (company_id, entry_id, head, tail, bound_at) VALUES ($1, $2, $3, $4, $5)",
            .bigint(company.rawValue), .uuid(binding.entry), .bytea(address.profile.sealed.head),
            .bytea(address.profile.sealed.tail), .timestamp(binding.time))
        for (version, index) in address.indices { try addAddressIndex(binding.entry, version, index, of: company) }
    }
}
