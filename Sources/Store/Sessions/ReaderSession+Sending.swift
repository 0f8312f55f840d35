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

    /// What a new message to a candidate needs.
    public struct Beginning: Sendable {
        public let thread: ThreadID
        public let markerKeyID: UInt8
        /// The MAC of the marker with the given nonce and domain, 16 bytes.
        public let mac: [UInt8]
        /// The version of the index key in use.
        public let indexVersion: UInt8
    }

    /// Begins an answer to a message, or a new thread if `entry` is nil.
    public func beginSending(
        to candidate: CandidateID, answering entry: EntryID?, nonce: UInt32, markerDomain: String, company: CompanyID
    ) throws -> Beginning {
        let row = try connection.query(
            """
            SELECT refusal, thread, marker_version, mac, index_version
            FROM lever.begin_send(
                \(company), \(candidate), \(entry), \(Int32(bitPattern: nonce)), \(markerDomain))
            """
        ).single
        if let refusal = row["refusal"] as String? { throw StoreError.refused(refusal) }
        return Beginning(
            thread: row["thread"], markerKeyID: row["marker_version"], mac: row["mac"],
            indexVersion: row["index_version"])
    }

    /// The HMACs of the inputs, in their order, under each live index key, the one in use first.
    public func indexCodes(
        of inputs: [[UInt8]], company: CompanyID
    ) throws -> [(version: UInt8, codes: [[UInt8]])] {
        let rows = try connection.query("SELECT version, code FROM lever.index_codes(\(company), \(inputs))")
            .decode((UInt8, [UInt8]).self)
        return stride(from: 0, to: rows.count, by: inputs.count).map { start in
            (rows[start].0, rows[start..<start + inputs.count].map(\.1))
        }
    }

    /// Public keys (SubjectPublicKeyInfo, DER) that the company's messages are sealed to.
    public func sealingRecipients(of company: CompanyID) throws -> [[UInt8]] {
        try connection.query("SELECT lever.sealing_recipients(\(company))").decode([UInt8].self)
    }
}
