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

    /// Stores a message to a candidate in the outbox, before it is submitted. The database sets the record's host,
    /// labels and learned ids.
    public func putIntoOutbox(_ record: MessageRecord, _ sealed: SealedMessage, to candidate: CandidateID) throws {
        let (company, entry, tail) = (record.company, record.entry, sealed.tail)
        try connection.transaction {
            var row = RowWriter()
            row.incoming(
                record, .captured, RowWriter.Part(head: sealed.head, tailLength: tail.count, number: 0, bytes: []))
            let message = try row.rowParameter(connection.compositeType("lever.incoming"))
            try change("SELECT lever.put_outbox(\(message), \(candidate))")
            for part in 0...(tail.count - 1) / IngestBatch.partLength {
                let bytes = Array(tail[IngestBatch.range(ofPart: part, tailLength: tail.count)])
                try connection.query(
                    "SELECT lever.put_outbox_part(\(company), \(entry), \(Int32(part)), \(bytes))")
            }
        }
    }

    /// A message of the user's that was not sent, to be submitted again. Nil if a mail host has captured it, so that it
    /// was sent.
    public func takeFromOutbox(
        _ entry: EntryID, company: CompanyID
    ) throws -> (sealed: SealedMessage, binding: Binding, candidate: CandidateID)? {
        let row = try connection.query(
            """
            SELECT refusal, is_sent, candidate, thread, accepted_at, head, tail_size
            FROM lever.take_outbox(\(company), \(entry))
            """
        ).single
        if let refusal = row["refusal"] as String? { throw StoreError.refused(refusal) }
        if row["is_sent"] { return nil }
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
        return (
            SealedMessage(head: row["head"], tail: tail),
            Binding(message: entry, company: company, thread: row["thread"], time: row["accepted_at"]),
            row["candidate"]
        )
    }

    /// Records why a message could not be sent: at most 200 characters, without addresses.
    public func failSending(_ entry: EntryID, company: CompanyID, reason: String) throws {
        try connection.query("SELECT lever.fail_send(\(company), \(entry), \(reason))")
    }

    /// Moves a message that was sent from the outbox to the timeline. Returns the outcome, `duplicate` if a mail host
    /// has captured it already and `erased` if the thread or candidate is gone, and the entry that the timeline has.
    public func finishSending(_ entry: EntryID, company: CompanyID) throws -> (Outcome, stored: EntryID) {
        let (name, stored) = try connection.query(
            "SELECT outcome, stored FROM lever.finish_send(\(company), \(entry))"
        ).single.decode((String, EntryID?).self)
        guard let outcome = Outcome(rawValue: name) else {
            throw DatabaseError(message: "lever.finish_send gave an outcome that this program does not know; update it")
        }
        return (outcome, stored ?? entry)
    }

    /// Deletes a message that was not sent.
    public func discardFromOutbox(_ entry: EntryID, company: CompanyID) throws {
        try change("SELECT lever.discard_outbox(\(company), \(entry))")
    }
}
