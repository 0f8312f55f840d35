public import Core

/// Reads the audit of a company, as the role lever_auditor. For one thread.
public final class AuditorSession {
    private let connection: Connection

    /// The last row of a company's chain, as the database keeps it apart from the rows.
    public struct Head: Hashable, Sendable {
        public let sequence: Int64
        public let hash: [UInt8]
    }

    /// The login must be a member of lever_auditor with access to the company, and the schema of this program's version.
    public init(_ conninfo: String) throws {
        connection = try .open(conninfo, as: "lever_auditor")
    }

    /// The company of this name or id, if the login has access to it.
    public func company(_ nameOrID: String) throws -> CompanyRecord {
        try .find(nameOrID, connection)
    }

    /// Rows after that number, in order, at most so many.
    public func records(of company: CompanyID, after sequence: Int64, limit: Int) throws -> [AuditRecord] {
        try connection.actFor(company)
        return try connection.query(
            """
            SELECT company_id, seq, at, login, action, allowed, entry_id, candidate_id, thread_id, reason, hash
            FROM lever.audit WHERE company_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
            """,
            .bigint(company.rawValue), .bigint(sequence), .bigint(Int64(limit))
        ).map { row in
            AuditRecord(
                company: CompanyID(rawValue: row.bigint(0)), sequence: row.bigint(1), time: row.timestamp(2),
                login: row.text(3), action: row.text(4), allowed: row.boolean(5),
                entry: row.isNull(6) ? nil : row.uuid(6),
                candidate: row.isNull(7) ? nil : CandidateID(rawValue: row.bigint(7)),
                thread: row.isNull(8) ? nil : ThreadID(rawValue: row.bigint(8)), reason: row.text(9),
                hash: row.bytea(10))
        }
    }

    /// Which candidate each thread is of now.
    public func threads(of company: CompanyID) throws -> [ThreadID: CandidateID] {
        try connection.actFor(company)
        let rows = try connection.query(
            "SELECT thread_id, candidate_id FROM lever.thread WHERE company_id = $1", .bigint(company.rawValue))
        return Dictionary(
            uniqueKeysWithValues: rows.map {
                (ThreadID(rawValue: $0.bigint(0)), CandidateID(rawValue: $0.bigint(1)))
            })
    }

    /// Nil if nothing was written yet.
    public func head(of company: CompanyID) throws -> Head? {
        try connection.actFor(company)
        return try connection.query(
            "SELECT seq, hash FROM lever.audit_head WHERE company_id = $1", .bigint(company.rawValue)
        ).first.map { Head(sequence: $0.bigint(0), hash: $0.bytea(1)) }
    }
}
