public import Core

/// A captured message on a candidate's timeline: what is known of it without opening it.
public struct TimelineEntry: Hashable, Sendable {
    public let entry: EntryID
    public let company: CompanyID
    public let candidate: CandidateID
    public let thread: ThreadID
    public let direction: Direction
    /// When the mail host took it, and when the database had it.
    public let acceptedAt: Timestamp
    public let storedAt: Timestamp
    /// Bytes of the raw message.
    public let size: Int
    public let host: String
    public let queueID: String
    /// The keys it is sealed to, 20 bytes each.
    public let keyIDs: [[UInt8]]

    /// What the sealed message must be bound to.
    public var binding: Binding {
        Binding(message: entry, company: company, thread: thread, time: acceptedAt)
    }
}

/// Reads timelines, as the role lever_reader, which sees one company at a time. For one thread.
///
/// Every function throws `StoreError` for what is not there and `DatabaseError` for what the database refused.
public final class Timeline {
    private let connection: Connection

    /// The login must be a member of lever_reader, and the schema of this program's version.
    public init(_ conninfo: String) throws {
        connection = try .open(conninfo, as: "lever_reader")
    }

    /// The company of this name or id.
    public func company(_ nameOrID: String) throws -> Company {
        try .find(nameOrID, connection)
    }

    /// The candidate with the sealed profile.
    public func candidate(_ candidate: CandidateID, company: CompanyID) throws -> Candidate {
        try see(company)
        return try .find(candidate, of: company, connection)
    }

    /// The candidate's messages, oldest first. Throws `StoreError.unknownCandidate`.
    public func entries(company: CompanyID, candidate: CandidateID) throws -> [TimelineEntry] {
        _ = try self.candidate(candidate, company: company)
        return try connection.query(
            Self.query + " AND candidate_id = $2 ORDER BY accepted_at, entry_id",
            .bigint(company.rawValue), .bigint(candidate.rawValue)
        ).map(TimelineEntry.init)
    }

    /// The entry in whichever company has it; nil if none has.
    public func find(entry: EntryID) throws -> TimelineEntry? {
        for company in try Company.all(connection) {
            if let found = try find(entry: entry, company: company.id) { return found }
        }
        return nil
    }

    /// Nil if the company has no such entry.
    public func find(entry: EntryID, company: CompanyID) throws -> TimelineEntry? {
        try see(company)
        let rows = try connection.query(
            Self.query + " AND entry_id = $2", .bigint(company.rawValue), .uuid(entry))
        return rows.first.map(TimelineEntry.init)
    }

    /// The sealed message of an entry. Holds it in memory whole.
    public func sealed(entry: EntryID, company: CompanyID) throws -> SealedMessage {
        try see(company)
        let rows = try connection.query(
            """
            SELECT m.tail_size, k.head FROM lever.message AS m
            LEFT JOIN lever.message_key AS k ON k.company_id = m.company_id AND k.entry_id = m.entry_id
            WHERE m.company_id = $1 AND m.entry_id = $2
            """,
            .bigint(company.rawValue), .uuid(entry))
        guard let row = rows.first else { throw StoreError.unknownEntry(entry) }
        guard !row.isNull(1) else { throw StoreError.shredded(entry) }

        let size = Int(row.bigint(0))
        var tail: [UInt8] = []
        tail.reserveCapacity(size)
        var part: Int32 = 0
        while tail.count < size {
            let parts = try connection.query(
                "SELECT bytes FROM lever.message_part WHERE company_id = $1 AND entry_id = $2 AND part = $3",
                .bigint(company.rawValue), .uuid(entry), .integer(part))
            guard let bytes = parts.first else { throw StoreError.incomplete(entry) }
            tail += bytes.bytea(0)
            part += 1
        }
        return SealedMessage(head: row.bytea(1), tail: tail)
    }

    private static let query = """
        SELECT entry_id, company_id, candidate_id, thread_id, direction, accepted_at, stored_at, size, host, queue_id,
            key_ids
        FROM lever.message WHERE company_id = $1
        """

    /// Row-level security shows this company's rows from here on.
    private func see(_ company: CompanyID) throws(DatabaseError) {
        try connection.query("SELECT set_config('lever.company', $1, false)", .text("\(company)"))
    }
}

extension TimelineEntry {
    fileprivate init(_ row: Rows.Row) {
        entry = row.uuid(0)
        company = CompanyID(rawValue: row.bigint(1))
        candidate = CandidateID(rawValue: row.bigint(2))
        thread = ThreadID(rawValue: row.bigint(3))
        direction = Direction(rawValue: row.text(4))!
        acceptedAt = row.timestamp(5)
        storedAt = row.timestamp(6)
        size = Int(row.bigint(7))
        host = row.text(8)
        queueID = row.text(9)
        keyIDs = row.array(10)
    }
}
