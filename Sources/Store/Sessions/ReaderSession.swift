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
    /// The mail host's key, 20 bytes, and its signature, 64; nil where the host has none.
    public let hostKeyID: [UInt8]?
    public let signature: [UInt8]?
    /// When its content was erased; nil while it is there.
    public let removedAt: Timestamp?
    /// Its thread is secret.
    public let isSecret: Bool
    public let authentication: Authentication
    /// In the order of their cases; one that a later schema knows and this program does not is left out.
    public let labels: [MessageLabel]

    /// What the sealed message must be bound to.
    public var binding: Binding {
        Binding(message: entry, company: company, thread: thread, time: acceptedAt)
    }
}

/// Reads timelines, as the role lever_reader: what it sees of a company is a matter of the login's user there. For one
/// thread.
///
/// Nothing opens without its head, which the database gives out once an audit row for it is committed. Every function
/// throws `StoreError` for what is not there or refused, and `DatabaseError` for what went wrong in the database.
public final class ReaderSession {
    let connection: Connection

    /// Why something is opened, for the audit.
    public struct Purpose: Hashable, Sendable {
        public enum Action: String, Sendable {
            /// To be shown.
            case open
            /// To be written to a file.
            case export
        }

        public var action: Action
        /// In the reader's words; at most 200 characters.
        public var reason: String

        public init(_ action: Action, reason: String) {
            self.action = action
            self.reason = reason
        }
    }

    /// What was given out on the strength of an audit row.
    public struct Opening: Sendable {
        public let sealed: SealedMessage
        fileprivate let company: CompanyID
        fileprivate let ticket: Int64
    }

    /// The login must be a member of lever_reader, and the schema of this program's version.
    public init(_ conninfo: String) throws {
        connection = try .open(conninfo, as: "lever_reader")
        // An index has the messages of a candidate in their order. A planner that takes a busy candidate for a quiet one
        // reads all of them instead, and asks of each whether the user sees it, to sort out the newest.
        try connection.execute("SET enable_sort = off")
    }

    /// The company of this name or id, if the login is a user of it.
    public func company(_ nameOrID: String) throws -> CompanyRecord {
        try .find(nameOrID, connection)
    }

    /// Those that the login is a user of.
    public func companies() throws -> [CompanyRecord] {
        try CompanyRecord.all(connection)
    }

    /// Every candidate that the login sees, in the order they were added.
    public func candidates(of company: CompanyID) throws -> [Candidate] {
        try connection.actFor(company)
        return try Candidate.all(of: company, connection)
    }

    public func candidate(_ candidate: CandidateID, company: CompanyID) throws -> Candidate {
        try connection.actFor(company)
        return try .find(candidate, of: company, connection)
    }

    /// The candidate's messages that the login sees, oldest first; with `last`, no more than so many of the newest. Throws
    /// `StoreError.unknownCandidate`.
    public func entries(company: CompanyID, candidate: CandidateID, last: Int? = nil) throws -> [TimelineEntry] {
        try connection.actFor(company)
        let found = try connection.query(
            "SELECT FROM lever.candidate WHERE company_id = $1 AND candidate_id = $2",
            .bigint(company.rawValue), .bigint(candidate.rawValue))
        guard !found.isEmpty else { throw StoreError.unknownCandidate(candidate) }
        // Whether a user sees a thread is a long question in some roles: asked of the candidate's few threads first, it
        // remains to be asked of the messages that are shown.
        return try connection.query(
            """
            WITH seen AS MATERIALIZED (
                SELECT thread_id, secret_by FROM lever.thread WHERE company_id = $1 AND candidate_id = $2)
            SELECT \(Self.columns)
            FROM lever.message AS m JOIN seen AS t ON t.thread_id = m.thread_id
            WHERE m.company_id = $1 AND m.candidate_id = $2 AND m.thread_id = ANY (ARRAY(SELECT thread_id FROM seen))
            ORDER BY m.accepted_at DESC, m.entry_id DESC LIMIT $3
            """,
            .bigint(company.rawValue), .bigint(candidate.rawValue), .bigint(last.map(Int64.init))
        ).reversed().map(TimelineEntry.init)
    }

    /// Nil if the login sees no such entry in the company.
    public func find(entry: EntryID, company: CompanyID) throws -> TimelineEntry? {
        try connection.actFor(company)
        let rows = try connection.query(
            Self.query + " AND m.entry_id = $2", .bigint(company.rawValue), .uuid(entry))
        return rows.first.map(TimelineEntry.init)
    }

    /// The keys that mail hosts sign with, by their ids.
    public func hostKeys() throws -> [[UInt8]: (host: String, key: MailHostRecord.Key)] {
        Dictionary(uniqueKeysWithValues: try HostKeys.all(connection).map { ($0.key.keyID, $0) })
    }

    // MARK: Opening

    /// The sealed message of an entry, once the audit has that it was asked for. Holds it in memory whole. Throws
    /// `StoreError.refused`, which the audit has too.
    public func open(entry: EntryID, company: CompanyID, _ purpose: Purpose) throws -> Opening {
        let (ticket, head) = try takeHead(company, entry, nil, purpose.action.rawValue, purpose.reason)
        guard let head else { throw StoreError.shredded(entry) }
        let rows = try connection.query(
            "SELECT tail_size FROM lever.message WHERE company_id = $1 AND entry_id = $2",
            .bigint(company.rawValue), .uuid(entry))
        guard let row = rows.first else { throw StoreError.unknownEntry(entry) }

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
        return Opening(sealed: SealedMessage(head: head, tail: tail), company: company, ticket: ticket)
    }

    /// A candidate's sealed name and address, in the same way.
    public func openProfile(of candidate: CandidateID, company: CompanyID, reason: String) throws -> Opening {
        let (ticket, head) = try takeHead(company, nil, candidate, "profile", reason)
        let rows = try connection.query(
            "SELECT tail FROM lever.candidate WHERE company_id = $1 AND candidate_id = $2 AND tail IS NOT NULL",
            .bigint(company.rawValue), .bigint(candidate.rawValue))
        guard let head, let row = rows.first else { throw StoreError.anonymous(candidate) }
        return Opening(sealed: SealedMessage(head: head, tail: row.bytea(0)), company: company, ticket: ticket)
    }

    /// Writes into the audit that what was given out did not open. `reason` says why, without content.
    public func reportFailure(of opening: Opening, reason: String) throws {
        try connection.query(
            "SELECT lever.report_failure($1, $2, $3)", .bigint(opening.company.rawValue), .bigint(opening.ticket),
            .text(reason))
    }

    private func takeHead(
        _ company: CompanyID, _ entry: EntryID?, _ candidate: CandidateID?, _ action: String, _ reason: String
    ) throws -> (ticket: Int64, head: [UInt8]?) {
        try connection.actFor(company)
        // A statement of its own: committed when it returns.
        let row = try connection.query(
            "SELECT ticket, refusal FROM lever.request_opening($1, $2, $3, $4, $5)",
            .bigint(company.rawValue), .uuid(entry), .bigint(candidate?.rawValue), .text(action), .text(reason))[0]
        guard row.isNull(1) else { throw StoreError.refused(row.text(1)) }
        let ticket = row.bigint(0)
        let head = try connection.query(
            "SELECT lever.take_head($1, $2)", .bigint(company.rawValue), .bigint(ticket))[0]
        return (ticket, head.isNull(0) ? nil : head.bytea(0))
    }

    // MARK: Changes that users may make

    /// Makes a thread secret, or open to the company's users again. Throws `StoreError.refused`.
    public func setSecret(_ secret: Bool, thread: ThreadID, company: CompanyID, reason: String) throws {
        try change(
            "SELECT lever.set_secret($1, $2, $3 = 'yes', $4)", .bigint(company.rawValue), .bigint(thread.rawValue),
            .text(secret ? "yes" : "no"), .text(reason))
    }

    /// Erases a message's content for ever. Throws `StoreError.refused`.
    public func removeMessage(_ entry: EntryID, company: CompanyID, reason: String) throws {
        try change(
            "SELECT lever.remove_message($1, $2, $3)", .bigint(company.rawValue), .uuid(entry), .text(reason))
    }

    /// Erases for ever who a candidate was and what was written. Throws `StoreError.refused`.
    public func anonymize(_ candidate: CandidateID, company: CompanyID, reason: String) throws {
        try change(
            "SELECT lever.anonymize_candidate($1, $2, $3)", .bigint(company.rawValue), .bigint(candidate.rawValue),
            .text(reason))
    }

    /// A function that returns why it refuses, or null.
    func change(_ statement: String, _ parameters: Parameter...) throws {
        let row = try connection.query(statement, parameters)[0]
        guard row.isNull(0) else { throw StoreError.refused(row.text(0)) }
    }

    private static let columns = """
        m.entry_id, m.company_id, m.candidate_id, m.thread_id, m.direction, m.accepted_at, m.stored_at, m.size,
        m.host, m.queue_id, m.key_ids, m.host_key_id, m.signature, m.removed_at, t.secret_by IS NOT NULL,
        m.authentication, m.labels
        """
    private static let query = """
        SELECT \(columns)
        FROM lever.message AS m JOIN lever.thread AS t ON t.company_id = m.company_id AND t.thread_id = m.thread_id
        WHERE m.company_id = $1
        """
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
        hostKeyID = row.isNull(11) ? nil : row.bytea(11)
        signature = row.isNull(12) ? nil : row.bytea(12)
        removedAt = row.isNull(13) ? nil : row.timestamp(13)
        isSecret = row.boolean(14)
        authentication = Authentication(rawValue: row.text(15)) ?? .none
        let names = Set(row.array(16).map { String(decoding: $0, as: UTF8.self) })
        labels = MessageLabel.allCases.filter { names.contains($0.rawValue) }
    }
}
