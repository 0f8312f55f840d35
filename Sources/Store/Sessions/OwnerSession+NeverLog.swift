public import Core

/// An address or a domain whose mail is never captured.
public struct NeverLogEntry: Hashable, Sendable {
    public enum What: Hashable, Sendable {
        case domain(String)
        /// Sealed; nil where the keys that opened it are destroyed.
        case address(SealedProfile?)
    }

    public let entry: EntryID
    public let what: What
    public let addedAt: Timestamp
}

extension OwnerSession {
    /// Oldest first.
    public func neverLog(of company: CompanyID) throws -> [NeverLogEntry] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT n.entry_id, n.domain, n.added_at, a.head, a.tail, a.entry_id, a.bound_at FROM lever.never_log AS n
            LEFT JOIN lever.address AS a ON a.company_id = n.company_id AND a.entry_id = n.address_id
            WHERE n.company_id = $1 ORDER BY n.added_at, n.entry_id
            """,
            .bigint(company.rawValue)
        ).map { row in
            NeverLogEntry(
                entry: row.uuid(0),
                what: row.isNull(1) ? .address(SealedProfile(row, from: 3, company: company)) : .domain(row.text(1)),
                addedAt: row.timestamp(2))
        }
    }

    /// Whether an address is on the list, by its indices.
    public func neverLogEntry(
        indices: [(version: UInt8, index: [UInt8])], of company: CompanyID
    ) throws -> EntryID? {
        for (version, index) in indices {
            let rows = try connection.query(
                """
                SELECT n.entry_id FROM lever.never_log AS n JOIN lever.address_index AS i
                    ON i.company_id = n.company_id AND i.entry_id = n.address_id
                WHERE n.company_id = $1 AND i.index_version = $2 AND i.email_index = $3
                """,
                .bigint(company.rawValue), .smallint(Int16(version)), .bytea(index))
            if let row = rows.first { return row.uuid(0) }
        }
        return nil
    }

    public func neverLogEntry(domain: String, of company: CompanyID) throws -> EntryID? {
        try connection.query(
            "SELECT entry_id FROM lever.never_log WHERE company_id = $1 AND domain = $2",
            .bigint(company.rawValue), .text(domain)
        ).first?.uuid(0)
    }

    public func addNeverLog(domain: String, entry: EntryID, to company: CompanyID) throws {
        try connection.transaction {
            try connection.query(
                "INSERT INTO lever.never_log (company_id, entry_id, domain) VALUES ($1, $2, $3)",
                .bigint(company.rawValue), .uuid(entry), .text(domain))
            try audit("never_log", "added a domain, \(entry)", of: company)
        }
    }

    /// The entry has the id of the address.
    public func addNeverLog(_ address: NewAddress, to company: CompanyID) throws {
        let entry = address.profile.binding.entry
        try connection.transaction {
            try addAddress(address, to: company)
            try connection.query(
                "INSERT INTO lever.never_log (company_id, entry_id, address_id) VALUES ($1, $2, $2)",
                .bigint(company.rawValue), .uuid(entry))
            try audit("never_log", "added an address, \(entry)", of: company)
        }
    }

    public func removeNeverLog(_ entry: EntryID, of company: CompanyID) throws {
        try connection.transaction {
            try connection.actFor(company)
            let removed = try connection.query(
                "DELETE FROM lever.never_log WHERE company_id = $1 AND entry_id = $2 RETURNING entry_id",
                .bigint(company.rawValue), .uuid(entry))
            guard !removed.isEmpty else { throw StoreError.unknownEntry(entry) }
            try connection.query(
                "DELETE FROM lever.address WHERE company_id = $1 AND entry_id = $2",
                .bigint(company.rawValue), .uuid(entry))
            try audit("never_log", "removed \(entry)", of: company)
        }
    }
}
