public import Core

extension OwnerSession {
    /// Oldest first.
    public func neverLog(of company: CompanyID) throws -> [NeverLogEntry] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT n.entry_id AS never_log_id, n.domain, n.added_at, a.head, a.tail, a.entry_id, a.bound_at
            FROM lever.never_log AS n
            LEFT JOIN lever.address AS a ON a.company_id = n.company_id AND a.entry_id = n.address_id
            WHERE n.company_id = \(company) ORDER BY n.added_at, n.entry_id
            """
        ).map { row in
            let domain: String? = row["domain"]
            return NeverLogEntry(
                entry: row["never_log_id"],
                what: domain.map { .domain($0) } ?? .address(SealedProfile(row, company: company)),
                addedAt: row["added_at"])
        }
    }

    /// The entry of an address, found by its indices.
    public func neverLogEntry(
        indices: [(version: UInt8, index: [UInt8])], of company: CompanyID
    ) throws -> EntryID? {
        for (version, index) in indices {
            let rows = try connection.query(
                """
                SELECT n.entry_id FROM lever.never_log AS n JOIN lever.address_index AS i
                    ON i.company_id = n.company_id AND i.entry_id = n.address_id
                WHERE n.company_id = \(company) AND i.index_version = \(version) AND i.email_index = \(index)
                """)
            if let row = rows.first { return row.decode(EntryID.self) }
        }
        return nil
    }

    public func neverLogEntry(domain: String, of company: CompanyID) throws -> EntryID? {
        try connection.query(
            "SELECT entry_id FROM lever.never_log WHERE company_id = \(company) AND domain = \(domain)"
        )
        .first?.decode(EntryID.self)
    }

    public func addNeverLog(domain: String, entry: EntryID, to company: CompanyID) throws {
        try connection.transaction {
            try connection.query(
                "INSERT INTO lever.never_log (company_id, entry_id, domain) VALUES (\(company), \(entry), \(domain))")
            try audit("never_log", "added a domain, \(entry)", of: company)
        }
    }

    /// The entry gets the id of the address.
    public func addNeverLog(_ address: NewAddress, to company: CompanyID) throws {
        let entry = address.profile.binding.entry
        try connection.transaction {
            try addAddress(address, to: company)
            try connection.query(
                "INSERT INTO lever.never_log (company_id, entry_id, address_id) VALUES (\(company), \(entry), \(entry))"
            )
            try audit("never_log", "added an address, \(entry)", of: company)
        }
    }

    public func removeNeverLog(_ entry: EntryID, of company: CompanyID) throws {
        try connection.transaction {
            try connection.actFor(company)
            let removed = try connection.query(
                "DELETE FROM lever.never_log WHERE company_id = \(company) AND entry_id = \(entry) RETURNING entry_id")
            guard !removed.isEmpty else { throw StoreError.unknownEntry(entry) }
            try connection.query("DELETE FROM lever.address WHERE company_id = \(company) AND entry_id = \(entry)")
            try audit("never_log", "removed \(entry)", of: company)
        }
    }
}
