public import Core

/// Sending, for a user who has opted in. Refusals of the database are thrown as `StoreError.refused`.
extension ReaderSession {
    /// The database login of the session, which is the user's name.
    public func login() throws -> String {
        try connection.query("SELECT session_user::text").single.decode(String.self)
    }

    // MARK: The user's own account

    /// Stores the sealed settings of the user's mail account, replacing earlier ones.
    public func setAccount(_ sealed: SealedMessage, binding: Binding) throws {
        try change(
            """
            SELECT lever.set_mail_account(
                \(binding.company), \(binding.entry), \(sealed.head), \(sealed.tail), \(binding.time))
            """)
    }

    public func removeAccount(of company: CompanyID) throws {
        try change("SELECT lever.remove_mail_account(\(company))")
    }

    /// Nil if the user has none.
    public func account(of company: CompanyID) throws -> (sealed: SealedMessage, binding: Binding)? {
        let rows = try connection.query(
            "SELECT head, tail, entry_id, bound_at FROM lever.take_mail_account(\(company))")
        return rows.first.map { row in
            (
                SealedMessage(head: row["head"], tail: row["tail"]),
                Binding(
                    content: .account, company: company, subject: 0, entry: row["entry_id"], time: row["bound_at"])
            )
        }
    }

    // MARK: Beginning a message

    /// What the database fixed of a new message to a candidate: nothing of it is the client's choice.
    public struct Beginning: Sendable {
        public let entry: EntryID
        public let thread: ThreadID
        /// The time of the message, by the database's clock.
        public let acceptedAt: Timestamp
        /// The thread's marker, with angle brackets.
        public let messageID: String
        /// The value of X-Lever-Entry.
        public let entryToken: String
    }

    /// Begins an answer to a message, or a new thread if `entry` is nil.
    public func beginSending(
        to candidate: CandidateID, answering entry: EntryID?, markerDomain: String, company: CompanyID
    ) throws -> Beginning {
        // A statement of its own: it is committed when it returns, and with it the audit's row.
        let (refusal, begun) = try connection.query(
            "SELECT refusal, entry FROM lever.begin_send(\(company), \(candidate), \(entry), \(markerDomain))"
        ).single.decode((String?, EntryID?).self)
        guard let begun, refusal == nil else { throw StoreError.refused(refusal ?? "no entry") }
        let row = try connection.query(
            """
            SELECT refusal, thread, accepted_at, message_id, entry_token
            FROM lever.take_send(\(company), \(begun))
            """
        ).single
        if let refusal = row["refusal"] as String? { throw StoreError.refused(refusal) }
        return Beginning(
            entry: begun, thread: row["thread"], acceptedAt: row["accepted_at"], messageID: row["message_id"],
            entryToken: row["entry_token"])
    }

    /// Public keys (SubjectPublicKeyInfo, DER) that the company's messages are sealed to.
    public func sealingRecipients(of company: CompanyID) throws -> [[UInt8]] {
        try connection.query("SELECT lever.sealing_recipients(\(company))").decode([UInt8].self)
    }
}
