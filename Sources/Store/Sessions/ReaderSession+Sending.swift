public import Core

/// A message that a user sends, on its way to the timeline. The content is sealed.
public struct OutboxEntry: Hashable, Sendable {
    public let entry: EntryID
    /// The user who wrote it.
    public let login: String
    public let candidate: CandidateID
    public let thread: ThreadID
    /// When it was written.
    public let writtenAt: Timestamp
    /// Bytes.
    public let size: Int
    public let attempts: Int
    public let triedAt: Timestamp?
    /// Why it could not be sent; nil while nobody knows, since it is being sent or that was cut off.
    public let error: String?
}

/// What a message that is sent is stored with: as `IngestEntry.Content`.
public struct Outgoing: Sendable {
    public var company: CompanyID
    public var candidate: CandidateID
    public var thread: ThreadID
    public var entry: EntryID
    public var direction: Direction
    public var writtenAt: Timestamp
    public var sealed: SealedMessage
    /// Bytes of the raw message.
    public var size: Int
    /// 20 bytes each.
    public var keyIDs: [[UInt8]]
    public var dedupeKeys: [[UInt8]]
    public var indexVersion: UInt8
    public var senderIndex: [UInt8]
    public var recipientIndices: [[UInt8]]
    public var messageIDIndex: [UInt8]
    public var correspondents: [BlindIndex]

    public init(
        company: CompanyID, candidate: CandidateID, thread: ThreadID, entry: EntryID, direction: Direction,
        writtenAt: Timestamp, sealed: SealedMessage, size: Int, keyIDs: [[UInt8]], dedupeKeys: [[UInt8]],
        indexVersion: UInt8, senderIndex: [UInt8], recipientIndices: [[UInt8]], messageIDIndex: [UInt8],
        correspondents: [BlindIndex]
    ) {
        self.company = company
        self.candidate = candidate
        self.thread = thread
        self.entry = entry
        self.direction = direction
        self.writtenAt = writtenAt
        self.sealed = sealed
        self.size = size
        self.keyIDs = keyIDs
        self.dedupeKeys = dedupeKeys
        self.indexVersion = indexVersion
        self.senderIndex = senderIndex
        self.recipientIndices = recipientIndices
        self.messageIDIndex = messageIDIndex
        self.correspondents = correspondents
    }
}

/// Sending, for a user who has opted in. What the database refuses is `StoreError.refused`.
extension ReaderSession {
    /// The database login of the session: the user.
    public func login() throws -> String {
        try connection.query("SELECT session_user::text")[0].text(0)
    }

    // MARK: The user's own account

    /// Keeps how the user's account is reached, sealed, in place of what was kept before.
    public func setAccount(_ sealed: SealedMessage, binding: Binding) throws {
        try change(
            "SELECT lever.set_mail_account($1, $2, $3, $4, $5)", .bigint(binding.company.rawValue),
            .uuid(binding.entry),
            .bytea(sealed.head), .bytea(sealed.tail), .timestamp(binding.time))
    }

    public func removeAccount(of company: CompanyID) throws {
        try change("SELECT lever.remove_mail_account($1)", .bigint(company.rawValue))
    }

    /// Nil where there is none.
    public func account(of company: CompanyID) throws -> (sealed: SealedMessage, binding: Binding)? {
        let rows = try connection.query(
            "SELECT head, tail, entry_id, bound_at FROM lever.take_mail_account($1)", .bigint(company.rawValue))
        return rows.first.map { row in
            (
                SealedMessage(head: row.bytea(0), tail: row.bytea(1)),
                Binding(
                    content: .account, company: company, subject: 0, entry: row.uuid(2), time: row.timestamp(3))
            )
        }
    }

    // MARK: Beginning a message

    /// What a message to a candidate begins with.
    public struct Beginning: Sendable {
        public let thread: ThreadID
        public let markerKeyID: UInt8
        /// Of the marker with the nonce and domain that were given, 16 bytes.
        public let mac: [UInt8]
        /// Of the index key in use.
        public let indexVersion: UInt8
    }

    /// Begins an answer to a message, or without one a new thread.
    public func beginSending(
        to candidate: CandidateID, answering entry: EntryID?, nonce: UInt32, markerDomain: String, company: CompanyID
    ) throws -> Beginning {
        let row = try connection.query(
            """
            SELECT refusal, thread, marker_version, mac, index_version FROM lever.begin_send($1, $2, $3, $4, $5)
            """,
            .bigint(company.rawValue), .bigint(candidate.rawValue), .uuid(entry),
            .integer(Int32(bitPattern: nonce)), .text(markerDomain))[0]
        guard row.isNull(0) else { throw StoreError.refused(row.text(0)) }
        return Beginning(
            thread: ThreadID(rawValue: row.bigint(1)), markerKeyID: UInt8(row.smallint(2)), mac: row.bytea(3),
            indexVersion: UInt8(row.smallint(4)))
    }

    /// HMACs of inputs under each live index key, the one in use first; in the order of the inputs.
    public func indexCodes(
        of inputs: [[UInt8]], company: CompanyID
    ) throws -> [(version: UInt8, codes: [[UInt8]])] {
        let rows = try connection.query(
            "SELECT version, code FROM lever.index_codes($1, $2)", .bigint(company.rawValue),
            .array(inputs.map { .bytea($0) }, of: .bytea)
        ).map { (UInt8($0.smallint(0)), $0.bytea(1)) }
        return stride(from: 0, to: rows.count, by: inputs.count).map { start in
            (rows[start].0, rows[start..<start + inputs.count].map(\.1))
        }
    }

    /// Public keys (SubjectPublicKeyInfo, DER) that the company's messages are sealed to.
    public func sealingRecipients(of company: CompanyID) throws -> [[UInt8]] {
        try connection.query("SELECT lever.sealing_recipients($1)", .bigint(company.rawValue)).map { $0.bytea(0) }
    }

    // MARK: The outbox

    /// Those that the user wrote; for admins, everybody's. Oldest first.
    public func outbox(of company: CompanyID) throws -> [OutboxEntry] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT entry_id, login, candidate_id, thread_id, accepted_at, size, attempts::bigint, tried_at, error
            FROM lever.outbox WHERE company_id = $1 ORDER BY accepted_at, entry_id
            """,
            .bigint(company.rawValue)
        ).map { row in
            OutboxEntry(
                entry: row.uuid(0), login: row.text(1), candidate: CandidateID(rawValue: row.bigint(2)),
                thread: ThreadID(rawValue: row.bigint(3)), writtenAt: row.timestamp(4), size: Int(row.bigint(5)),
                attempts: Int(row.bigint(6)), triedAt: row.isNull(7) ? nil : row.timestamp(7),
                error: row.isNull(8) ? nil : row.text(8))
        }
    }

    /// Puts a message into the outbox, from where nothing is lost.
    public func putIntoOutbox(_ message: Outgoing) throws {
        try connection.transaction {
            try change(
                """
                SELECT lever.put_outbox($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
                """,
                .bigint(message.company.rawValue), .uuid(message.entry), .bigint(message.candidate.rawValue),
                .bigint(message.thread.rawValue), .text(message.direction.rawValue), .timestamp(message.writtenAt),
                .bigint(Int64(message.size)), .bigint(Int64(message.sealed.tail.count)),
                .bytea(Array(message.dedupeKeys.joined())), .bytea(Array(message.keyIDs.joined())),
                .bytea(message.senderIndex), .bytea(Array(message.recipientIndices.joined())),
                .bytea(message.messageIDIndex), .smallint(Int16(message.indexVersion)),
                .bytea(message.correspondents.flatMap(\.packed)), .bytea(message.sealed.head))
            let tail = message.sealed.tail
            for part in 0...(tail.count - 1) / IngestBatch.partLength {
                try connection.query(
                    "SELECT lever.put_outbox_part($1, $2, $3, $4)", .bigint(message.company.rawValue),
                    .uuid(message.entry), .integer(Int32(part)),
                    .bytea(Array(tail[IngestBatch.range(ofPart: part, tailLength: tail.count)])))
            }
        }
    }

    /// A message of the user's that waits, to be sent once more. Nil where a mail host has seen it: it was sent.
    public func takeFromOutbox(
        _ entry: EntryID, company: CompanyID
    ) throws -> (sealed: SealedMessage, binding: Binding, candidate: CandidateID)? {
        let row = try connection.query(
            """
            SELECT refusal, is_sent, candidate, thread, accepted_at, head, tail_size FROM lever.take_outbox($1, $2)
            """,
            .bigint(company.rawValue), .uuid(entry))[0]
        guard row.isNull(0) else { throw StoreError.refused(row.text(0)) }
        if row.boolean(1) { return nil }
        var tail: [UInt8] = []
        var part: Int32 = 0
        while tail.count < Int(row.bigint(6)) {
            let parts = try connection.query(
                "SELECT lever.take_outbox_part($1, $2, $3)", .bigint(company.rawValue), .uuid(entry), .integer(part))
            guard !parts[0].isNull(0) else { throw StoreError.incomplete(entry) }
            tail += parts[0].bytea(0)
            part += 1
        }
        let thread = ThreadID(rawValue: row.bigint(3))
        return (
            SealedMessage(head: row.bytea(5), tail: tail),
            Binding(message: entry, company: company, thread: thread, time: row.timestamp(4)),
            CandidateID(rawValue: row.bigint(2))
        )
    }

    /// Notes why a message could not be sent: at most 200 characters, without addresses.
    public func failSending(_ entry: EntryID, company: CompanyID, reason: String) throws {
        try connection.query(
            "SELECT lever.fail_send($1, $2, $3)", .bigint(company.rawValue), .uuid(entry), .text(reason))
    }

    /// The message was sent: from the outbox onto the timeline. `duplicate` if a mail host has brought it there already,
    /// `erased` if there is nothing to put it on any more; and the entry that it is there.
    public func finishSending(_ entry: EntryID, company: CompanyID) throws -> (Outcome, stored: EntryID) {
        let row = try connection.query(
            "SELECT outcome, stored FROM lever.finish_send($1, $2)", .bigint(company.rawValue), .uuid(entry))[0]
        guard let outcome = Outcome(rawValue: row.text(0)) else {
            throw DatabaseError(message: "lever.finish_send gave an outcome that this program does not know; update it")
        }
        return (outcome, row.isNull(1) ? entry : row.uuid(1))
    }

    /// Gives up a message that waits.
    public func discardFromOutbox(_ entry: EntryID, company: CompanyID) throws {
        try change("SELECT lever.discard_outbox($1, $2)", .bigint(company.rawValue), .uuid(entry))
    }
}
