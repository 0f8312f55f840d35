public import Core

/// The Super Admin's choice between limited and full sync, and what users agree to.
extension ReaderSession {
    /// Chooses limited or full sync for the company. Throws `StoreError.refused`.
    public func chooseSync(_ choice: SyncLevel, of company: CompanyID, reason: String) throws {
        try change(
            "SELECT lever.choose_sync($1, $2, $3)", .bigint(company.rawValue), .text(choice.rawValue), .text(reason))
    }

    /// When and where the last message of the company was captured; nil where there is none.
    public func lastCaptured(of company: CompanyID) throws -> (at: Timestamp, host: String, direction: Direction)? {
        try connection.actFor(company)
        let rows = try connection.query(
            """
            SELECT accepted_at, host, direction FROM lever.message WHERE company_id = $1
            ORDER BY accepted_at DESC LIMIT 1
            """,
            .bigint(company.rawValue))
        return rows.first.map { ($0.timestamp(0), $0.text(1), Direction(rawValue: $0.text(2))!) }
    }

    /// What the session's user lets the product do in the user's own mailbox.
    public struct Grants: Hashable, Sendable {
        public let send: Bool
        public let read: Bool
    }

    /// Agrees to what goes with the company's sync, or agrees to nothing any more. Throws `StoreError.refused`.
    public func optIn(_ agrees: Bool, company: CompanyID) throws {
        try change("SELECT lever.opt_in($1, $2 = 'yes')", .bigint(company.rawValue), .text(agrees ? "yes" : "no"))
    }

    /// Nil if the login is no user of the company.
    public func grants(company: CompanyID) throws -> Grants? {
        let row = try connection.query(
            "SELECT may_send, may_read FROM lever.own_grants($1)", .bigint(company.rawValue))[0]
        return row.isNull(0) ? nil : Grants(send: row.boolean(0), read: row.boolean(1))
    }
}
