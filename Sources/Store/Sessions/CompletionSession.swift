public import Core

/// What a shell may offer to complete a command with: ids and names that the login could list by a command that the
/// audit knows nothing of. Reads only, waits for nothing longer than a second, and opens nothing. For one thread.
public final class CompletionSession {
    /// The role that the session works as.
    public enum Role: String, CaseIterable, Sendable {
        case reader = "lever_reader"
        case administrator = "lever_owner"
        case auditor = "lever_auditor"
        case `operator` = "lever_operator"
        case rekeying = "lever_rekey"
        case retention = "lever_retention"
    }

    private let connection: Connection
    private let role: Role
    /// The most that a shell is offered.
    private static let limit = 100

    /// The login must be a member of the role, and the schema of this program's version.
    public init(_ conninfo: String, as role: Role) throws {
        connection = try .open(conninfo, as: role.rawValue, timeout: 1, connectTimeout: 1)
        self.role = role
        try connection.execute("SET default_transaction_read_only = on; SET statement_timeout = '1s'")
    }

    /// Names of the companies that the login sees, by id.
    public func companies() throws -> [CompanyID: String] {
        let companies = try connection.query("SELECT company_id, name FROM lever.company")
        return Dictionary(uniqueKeysWithValues: companies.decode((CompanyID, String).self))
    }

    /// The company of this id or name, in whatever case. Throws `StoreError`.
    public func company(_ nameOrID: String) throws -> CompanyID {
        try CompanyName.find(nameOrID, among: companies().map { ($0.key, $0.value, $0.key) })
    }

    /// Ids of candidates that begin so, those added last first.
    public func candidates(of company: CompanyID, _ prefix: String) throws -> [String] {
        try list([.reader, .administrator, .rekeying], of: company) {
            """
            SELECT candidate_id::text FROM lever.candidate
            WHERE company_id = \(company) AND starts_with(candidate_id::text, \(prefix))
            ORDER BY candidate_id DESC LIMIT \(Self.limit)
            """
        }
    }

    /// Ids of messages that begin so, the newest first.
    public func messages(of company: CompanyID, _ prefix: String) throws -> [String] {
        // By the bounds, so that the primary key finds them.
        let digits = prefix.filter { $0 != "-" }
        guard digits.count <= 32,
            let first = EntryID(digits + String(repeating: "0", count: 32 - digits.count)),
            let last = EntryID(digits + String(repeating: "f", count: 32 - digits.count))
        else { return [] }
        return try list([.reader, .administrator, .rekeying], of: company) {
            """
            SELECT entry_id::text FROM lever.message
            WHERE company_id = \(company) AND entry_id BETWEEN \(first) AND \(last)
            ORDER BY entry_id DESC LIMIT \(Self.limit)
            """
        }
    }

    /// Ids of messages in the outbox, the oldest first.
    public func outbox(of company: CompanyID) throws -> [String] {
        try list([.reader, .administrator], of: company) {
            """
            SELECT entry_id::text FROM lever.outbox WHERE company_id = \(company)
            ORDER BY entry_id LIMIT \(Self.limit)
            """
        }
    }

    /// Ids of threads that begin so, those started last first.
    public func threads(of company: CompanyID, _ prefix: String) throws -> [String] {
        try list([.reader, .administrator], of: company) {
            """
            SELECT thread_id::text FROM lever.thread
            WHERE company_id = \(company) AND starts_with(thread_id::text, \(prefix))
            ORDER BY created_at DESC LIMIT \(Self.limit)
            """
        }
    }

    /// Logins of the company's users, and with `granted` of those that were let work for it.
    public func logins(of company: CompanyID, granted: Bool) throws -> [String] {
        try list([.administrator, .auditor], of: company) {
            granted
                ? "SELECT login FROM lever.access_grant WHERE company_id = \(company) ORDER BY login"
                : "SELECT login FROM lever.app_user WHERE company_id = \(company) ORDER BY login"
        }
    }

    /// Ids of the company's sealing keys, or versions of its keys of another kind; without those that are gone.
    public func keys(_ kind: KeyKind, of company: CompanyID) throws -> [String] {
        guard kind != .sealing else {
            return try list([.administrator, .auditor, .rekeying], of: company) {
                """
                SELECT encode(key_id, 'hex') FROM lever.sealing_key
                WHERE company_id = \(company) AND state <> 'destroyed' ORDER BY created_at
                """
            }
        }
        return try list([.administrator], of: company) {
            """
            SELECT version::text FROM lever.company_secret
            WHERE company_id = \(company) AND kind = \(kind.rawValue) AND state <> 'destroyed' ORDER BY version
            """
        }
    }

    /// Names of mail hosts.
    public func hosts() throws -> [String] {
        switch role {
        case .administrator:
            try connection.query("SELECT host FROM lever.mail_host UNION SELECT host FROM lever.host_key ORDER BY host")
                .decode(String.self)
        case .reader, .auditor:
            try connection.query("SELECT DISTINCT host FROM lever.host_key ORDER BY host").decode(String.self)
        case .operator, .rekeying, .retention: []
        }
    }

    /// Nothing for a role that may not read the table.
    private func list(_ roles: Set<Role>, of company: CompanyID, _ query: () -> Query) throws -> [String] {
        guard roles.contains(role) else { return [] }
        try connection.actFor(company)
        return try connection.query(query()).decode(String.self)
    }
}
