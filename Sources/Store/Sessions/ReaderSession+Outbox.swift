public import Core

/// The outbox: messages from when a user has written them until they are on the timeline.
extension ReaderSession {
    /// The user's own messages; for admins, every user's. Oldest first.
    public func outbox(of company: CompanyID) throws -> [OutboxEntry] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT entry_id, login, candidate_id, thread_id, accepted_at, size, attempts::bigint, tried_at, error
            FROM lever.outbox WHERE company_id = \(company) ORDER BY accepted_at, entry_id
            """
        ).map(OutboxEntry.init)
    }

    /// Puts a message that `beginSending` allowed into the outbox, before it is submitted; once. `size` is that of the
    /// raw message in bytes, `keyIDs` are those of its recipients, `signature` is the company's. All else is the
    /// database's own.
    public func putIntoOutbox(
        _ entry: EntryID, _ sealed: SealedMessage, size: Int, keyIDs: [[UInt8]], signature: [UInt8], company: CompanyID
    ) throws {
        let tail = sealed.tail
        // A refusal leaves a row in the audit, so it is committed.
        let refusal = try connection.transaction {
            let refusal = try connection.query(
                """
                SELECT lever.put_outbox(
                    \(company), \(entry), \(size), \(tail.count), \(keyIDs), \(sealed.head), \(signature))
                """
            ).single.decode(String?.self)
            guard refusal == nil else { return refusal }
            for part in 0...(tail.count - 1) / IngestBatch.partLength {
                let bytes = Array(tail[IngestBatch.range(ofPart: part, tailLength: tail.count)])
                try connection.query(
                    "SELECT lever.put_outbox_part(\(company), \(entry), \(Int32(part)), \(bytes))")
            }
            return nil
        }
        if let refusal { throw StoreError.refused(refusal) }
    }

    /// A message that was taken out of the outbox, as the database has it: nothing of it is checked.
    public struct TakenMessage: Sendable {
        public let sealed: SealedMessage
        public let binding: Binding
        public let candidate: CandidateID
        /// The company's.
        public let signature: [UInt8]
    }

    /// A message of the user's that was not sent, to be submitted again. Nil if a mail host has captured it, so that it
    /// was sent.
    public func takeFromOutbox(
        _ entry: EntryID, company: CompanyID
    ) throws -> TakenMessage? {
        let row = try connection.query(
            """
            SELECT refusal, is_sent, candidate, thread, accepted_at, tail_size, signature
            FROM lever.take_outbox(\(company), \(entry))
            """
        ).single
        if let refusal = row["refusal"] as String? { throw StoreError.refused(refusal) }
        if row["is_sent"] { return nil }
        // Given out now that the audit's row is committed.
        let head = try connection.query("SELECT lever.take_outbox_head(\(company), \(entry))").single
            .decode([UInt8].self)
        let size: Int = row["tail_size"]
        var tail: [UInt8] = []
        var part: Int32 = 0
        while tail.count < size {
            let bytes = try connection.query("SELECT lever.take_outbox_part(\(company), \(entry), \(part))").single
                .decode([UInt8]?.self)
            guard let bytes else { throw StoreError.incomplete(entry) }
            tail += bytes
            part += 1
        }
        return TakenMessage(
            sealed: SealedMessage(head: head, tail: tail),
            binding: Binding(message: entry, company: company, thread: row["thread"], time: row["accepted_at"]),
            candidate: row["candidate"], signature: row["signature"])
    }

    /// Records why a message could not be sent: at most 200 characters, without addresses.
    public func failSending(_ entry: EntryID, company: CompanyID, reason: String) throws {
        try connection.query("SELECT lever.fail_send(\(company), \(entry), \(reason))")
    }

    /// Moves a message that was sent from the outbox to the timeline. Returns the outcome, `duplicate` if a mail host
    /// has captured it already and `erased` if the candidate is anonymous, and the entry that the timeline has. Throws
    /// `StoreError.refused` if the user may no longer send in the thread: the message stays in the outbox.
    public func finishSending(_ entry: EntryID, company: CompanyID) throws -> (Outcome, stored: EntryID) {
        let (refusal, name, stored) = try connection.query(
            "SELECT refusal, outcome, stored FROM lever.finish_send(\(company), \(entry))"
        ).single.decode((String?, String?, EntryID?).self)
        if let refusal { throw StoreError.refused(refusal) }
        guard let outcome = name.flatMap(Outcome.init(rawValue:)) else {
            throw DatabaseError(message: "lever.finish_send gave an outcome that this program does not know; update it")
        }
        return (outcome, stored ?? entry)
    }

    /// Deletes a message that was not sent.
    public func discardFromOutbox(_ entry: EntryID, company: CompanyID) throws {
        try change("SELECT lever.discard_outbox(\(company), \(entry))")
    }
}
