public import Core

/// The Super Admin's choice between limited and full sync, and users' consent to what each involves.
extension ReaderSession {
    /// Chooses limited or full sync for the company. Throws `StoreError.refused`.
    public func chooseSync(_ choice: SyncLevel, of company: CompanyID, reason: String) throws {
        try change("SELECT lever.choose_sync(\(company), \(choice), \(reason))")
    }

    /// Time, host and direction of the company's last captured message; nil if there is none.
    public func lastCaptured(of company: CompanyID) throws -> (at: Timestamp, host: String, direction: Direction)? {
        try connection.actFor(company)
        let rows = try connection.query(
            """
            SELECT accepted_at, host, direction FROM lever.message WHERE company_id = \(company)
            ORDER BY accepted_at DESC LIMIT 1
            """)
        return rows.first.map { ($0["accepted_at"], $0["host"], $0["direction"]) }
    }

    /// What the session's user lets the product do in the user's own mailbox.
    public struct Grants: Hashable, Sendable {
        public let send: Bool
        public let read: Bool
    }

    /// Gives or withdraws consent to what the company's sync level involves. Throws `StoreError.refused`.
    public func optIn(_ agrees: Bool, company: CompanyID) throws {
        try change("SELECT lever.opt_in(\(company), \(agrees))")
    }

    /// Nil if the login is not a user of the company.
    public func grants(company: CompanyID) throws -> Grants? {
        let (send, read) = try connection.query("SELECT may_send, may_read FROM lever.own_grants(\(company))").single
            .decode((Bool?, Bool?).self)
        guard let send, let read else { return nil }
        return Grants(send: send, read: read)
    }
}
