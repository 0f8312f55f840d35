public import Core

/// A reader's session, as the role lever_reader: timelines, opening, erasing, sending, consent. The rows it sees are
/// those of the login's user in each company. For one thread.
///
/// Nothing can be opened without its head, which the database releases once the audit row for it is committed. Every
/// function throws `StoreError` for what does not exist or is refused, and `DatabaseError` for an error of the
/// database.
public final class ReaderSession {
    let connection: Connection

    /// The login must be a member of lever_reader, and the schema of this program's version.
    public init(_ conninfo: String) throws {
        connection = try .open(conninfo, as: "lever_reader")
        // An index has the messages of a candidate in order. A planner that mistakes a busy candidate for a quiet one
        // would instead read all of them, and check each for visibility, to sort out the newest.
        try connection.execute("SET enable_sort = off")
    }

    /// The company of this name or id, if the login is a user of it.
    public func company(_ nameOrID: String) throws -> CompanyRecord {
        try .find(nameOrID, connection)
    }

    /// The companies that the login is a user of.
    public func companies() throws -> [CompanyRecord] {
        try CompanyRecord.all(connection)
    }

    /// Every candidate that the login sees, in the order in which they were added.
    public func candidates(of company: CompanyID) throws -> [Candidate] {
        try connection.actFor(company)
        return try Candidate.all(of: company, connection)
    }

    public func candidate(_ candidate: CandidateID, company: CompanyID) throws -> Candidate {
        try connection.actFor(company)
        return try .find(candidate, of: company, connection)
    }

    /// The candidate's messages that the login sees, oldest first. Throws `StoreError.unknownCandidate`, and
    /// `unknownThread` if the selection names a thread that the candidate does not have or the login does not see.
    public func entries(
        company: CompanyID, candidate: CandidateID, _ selection: TimelineSelection = TimelineSelection()
    ) throws -> [TimelineEntry] {
        try connection.actFor(company)
        let found = try connection.query(
            "SELECT FROM lever.candidate WHERE company_id = \(company) AND candidate_id = \(candidate)")
        guard !found.isEmpty else { throw StoreError.unknownCandidate(candidate) }
        let ofThread: Query = selection.thread.map { "AND thread_id = \($0)" } ?? ""
        if let thread = selection.thread {
            let threads = try connection.query(
                "SELECT FROM lever.thread WHERE company_id = \(company) AND candidate_id = \(candidate) \(ofThread)")
            guard !threads.isEmpty else { throw StoreError.unknownThread(thread) }
        }
        // The visibility check is expensive for some roles, so evaluate it once per thread, not once per message.
        return try connection.query(
            """
            WITH seen AS MATERIALIZED (
                SELECT thread_id, secret_by FROM lever.thread
                WHERE company_id = \(company) AND candidate_id = \(candidate) \(ofThread))
            SELECT \(TimelineEntry.columns)
            FROM lever.message AS m JOIN seen AS t ON t.thread_id = m.thread_id
            WHERE m.company_id = \(company) AND m.candidate_id = \(candidate)
                AND m.thread_id = ANY (ARRAY(SELECT thread_id FROM seen)) \(selection.conditions)
            ORDER BY m.accepted_at DESC, m.entry_id DESC LIMIT \(selection.last)
            """
        ).reversed().map(TimelineEntry.init)
    }

    /// Nil if the login sees no such entry in the company.
    public func find(entry: EntryID, company: CompanyID) throws -> TimelineEntry? {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT \(TimelineEntry.columns)
            FROM lever.message AS m JOIN lever.thread AS t ON t.company_id = m.company_id AND t.thread_id = m.thread_id
            WHERE m.company_id = \(company) AND m.entry_id = \(entry)
            """
        ).first.map(TimelineEntry.init)
    }

    /// The keys that mail hosts sign with, by key id.
    public func hostKeys() throws -> [[UInt8]: (host: String, key: MailHostRecord.Key)] {
        Dictionary(uniqueKeysWithValues: try MailHostRecord.Key.all(connection).map { ($0.key.keyID, $0) })
    }

    /// Runs a statement that changes something and gives the reason for a refusal, or NULL. Throws
    /// `StoreError.refused`.
    func change(_ statement: Query) throws {
        if let refusal = try connection.query(statement).single.decode(String?.self) {
            throw StoreError.refused(refusal)
        }
    }
}
