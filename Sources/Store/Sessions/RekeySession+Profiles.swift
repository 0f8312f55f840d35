public import Core

/// The heads of everything sealed that is not a message on a timeline.
extension RekeySession {
    /// Candidates' profiles, addresses of users and never-log entries, users' mail accounts, and the outbox.
    public func profiles(of company: CompanyID) throws -> [ProfileHead] {
        try connection.actFor(company)
        let candidates = try connection.query(
            "SELECT candidate_id, entry_id, head FROM lever.candidate WHERE company_id = \(company) AND head IS NOT NULL"
        ).map { ProfileHead(owner: .candidate($0["candidate_id"]), entry: $0["entry_id"], head: $0["head"]) }
        let addresses = try connection.query(
            "SELECT entry_id, head FROM lever.address WHERE company_id = \(company) AND head IS NOT NULL"
        ).map { ProfileHead(owner: .address($0["entry_id"]), entry: $0["entry_id"], head: $0["head"]) }
        let accounts = try connection.query(
            "SELECT login, entry_id, head FROM lever.mail_account WHERE company_id = \(company)"
        ).map { ProfileHead(owner: .account(login: $0["login"]), entry: $0["entry_id"], head: $0["head"]) }
        let outgoing = try connection.query(
            "SELECT entry_id, head FROM lever.outbox WHERE company_id = \(company)"
        ).map { ProfileHead(owner: .outgoing($0["entry_id"]), entry: $0["entry_id"], head: $0["head"]) }
        return candidates + addresses + accounts + outgoing
    }
}
