public import Core

/// The heads of everything sealed that is not a message on a timeline.
extension RekeySession {
    /// Candidates' profiles, addresses of users and never-log entries, users' mail accounts, and the outbox.
    public func profiles(of company: CompanyID) throws -> [ProfileHead] {
        try connection.actFor(company)
        let candidates = try connection.query(
            "SELECT candidate_id, head FROM lever.candidate WHERE company_id = \(company) AND head IS NOT NULL"
        ).map { ProfileHead(owner: .candidate($0["candidate_id"]), head: $0["head"]) }
        let addresses = try connection.query(
            "SELECT entry_id, head FROM lever.address WHERE company_id = \(company) AND head IS NOT NULL"
        ).map { ProfileHead(owner: .address($0["entry_id"]), head: $0["head"]) }
        let accounts = try connection.query(
            "SELECT login, head FROM lever.mail_account WHERE company_id = \(company)"
        ).map { ProfileHead(owner: .account(login: $0["login"]), head: $0["head"]) }
        let outgoing = try connection.query(
            "SELECT entry_id, head FROM lever.outbox WHERE company_id = \(company)"
        ).map { ProfileHead(owner: .outgoing($0["entry_id"]), head: $0["head"]) }
        return candidates + addresses + accounts + outgoing
    }

    /// Replaces a head, unless it has changed since it was read. `keyIDs` are those of the new head.
    public func replace(
        _ old: ProfileHead, with head: [UInt8], keyIDs: [[UInt8]], of company: CompanyID
    ) throws {
        try connection.actFor(company)
        switch old.owner {
        case .candidate(let id):
            try connection.query(
                """
                UPDATE lever.candidate SET head = \(head)
                WHERE company_id = \(company) AND candidate_id = \(id) AND head = \(old.head)
                """)
        case .address(let entry):
            try connection.query(
                """
                UPDATE lever.address SET head = \(head)
                WHERE company_id = \(company) AND entry_id = \(entry) AND head = \(old.head)
                """)
        case .account(let login):
            try connection.query(
                """
                UPDATE lever.mail_account SET head = \(head)
                WHERE company_id = \(company) AND login = \(login) AND head = \(old.head)
                """)
        case .outgoing(let entry):
            try connection.query(
                """
                UPDATE lever.outbox SET head = \(head), key_ids = \(keyIDs)
                WHERE company_id = \(company) AND entry_id = \(entry) AND head = \(old.head)
                """)
        }
    }
}
