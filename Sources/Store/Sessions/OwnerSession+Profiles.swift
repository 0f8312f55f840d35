public import Core

/// Sealed names and addresses, and their blind indices.
extension OwnerSession {
    /// Records in the audit, and commits, that profiles are about to be opened.
    public func recordOpening(reason: String, of company: CompanyID) throws {
        try audit("profile", reason, of: company)
    }

    /// Of users and never-log entries.
    func addresses(of company: CompanyID) throws -> [SealedProfile] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT head, tail, entry_id, bound_at FROM lever.address
            WHERE company_id = \(company) AND head IS NOT NULL ORDER BY entry_id FOR UPDATE
            """
        ).compactMap { SealedProfile($0, company: company) }
    }

    func candidateProfiles(of company: CompanyID) throws -> [SealedProfile] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT head, tail, entry_id, bound_at, candidate_id FROM lever.candidate
            WHERE company_id = \(company) AND head IS NOT NULL ORDER BY candidate_id FOR UPDATE
            """
        ).compactMap { SealedProfile($0, company: company, subject: $0["candidate_id"]) }
    }

    func addAddressIndex(_ entry: EntryID, _ version: UInt8, _ index: [UInt8], of company: CompanyID) throws {
        try connection.query(
            """
            INSERT INTO lever.address_index (company_id, entry_id, index_version, email_index)
            VALUES (\(company), \(entry), \(version), \(index)) ON CONFLICT DO NOTHING
            """)
    }

    func addAddress(_ address: NewAddress, to company: CompanyID) throws {
        let (sealed, binding) = (address.profile.sealed, address.profile.binding)
        precondition(binding.content == .profile && binding.subject == 0 && binding.company == company)
        try connection.actFor(company)
        try connection.query(
            """
            INSERT INTO lever.address (company_id, entry_id, head, tail, bound_at)
            VALUES (\(company), \(binding.entry), \(sealed.head), \(sealed.tail), \(binding.time))
            """)
        for (version, index) in address.indices { try addAddressIndex(binding.entry, version, index, of: company) }
    }
}
