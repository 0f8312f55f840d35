public import Core

/// An auditor's session, as the role lever_auditor: the audit of a company. For one thread.
public final class AuditorSession {
    private let connection: Connection

    /// The last row of a company's chain, which the database keeps apart from the rows.
    public struct Head: Hashable, Sendable {
        public let sequence: Int64
        public let hash: [UInt8]
    }

    /// The login must be a member of lever_auditor with access to the company, and the schema of this program's
    /// version.
    public init(_ conninfo: String) throws {
        connection = try .open(conninfo, as: "lever_auditor")
    }

    /// The companies that the login has access to.
    public func companies() throws -> [CompanyRecord] {
        try CompanyRecord.all(connection)
    }

    /// The company of this name or id, if the login has access to it.
    public func company(_ nameOrID: String) throws -> CompanyRecord {
        try .find(nameOrID, connection)
    }

    /// At most `limit` rows that follow a sequence number, in order.
    public func records(of company: CompanyID, after sequence: Int64, limit: Int) throws -> [AuditRecord] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT company_id, seq, at, login, action, allowed, entry_id, candidate_id, thread_id, reason, hash
            FROM lever.audit WHERE company_id = \(company) AND seq > \(sequence) ORDER BY seq LIMIT \(limit)
            """
        ).map { row in
            AuditRecord(
                company: row["company_id"], sequence: row["seq"], time: row["at"], login: row["login"],
                action: row["action"], allowed: row["allowed"], entry: row["entry_id"], candidate: row["candidate_id"],
                thread: row["thread_id"], reason: row["reason"], hash: row["hash"])
        }
    }

    /// The candidate of each thread.
    public func threads(of company: CompanyID) throws -> [ThreadID: CandidateID] {
        try connection.actFor(company)
        let threads = try connection.query(
            "SELECT thread_id, candidate_id FROM lever.thread WHERE company_id = \(company)")
        return Dictionary(uniqueKeysWithValues: threads.decode((ThreadID, CandidateID).self))
    }

    /// Messages that are in another thread than they came for, or on another candidate's timeline than their thread.
    public func misplacedMessages(of company: CompanyID) throws -> [EntryID] {
        try connection.actFor(company)
        return try connection.query("SELECT lever.misplaced_messages()").decode(EntryID.self)
    }

    /// Nil if the audit has no rows.
    public func head(of company: CompanyID) throws -> Head? {
        try connection.actFor(company)
        return try connection.query("SELECT seq, hash FROM lever.audit_head WHERE company_id = \(company)")
            .first.map { Head(sequence: $0["seq"], hash: $0["hash"]) }
    }
}
