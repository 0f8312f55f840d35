import Core
import TestSupport

@testable import Store

/// A database of one test, with the schema installed, in a PostgreSQL that the tests of this target share.
struct StoreDatabase {
    let name: String
    let postgres: PostgresInstance

    /// Logins, each in one role: mailhost (lever_ingest), reader (lever_reader), administrator (lever_owner), and
    /// stranger (none).
    private static let shared = Result {
        let postgres = try PostgresInstance()
        try postgres.createDatabase("installed")
        _ = try Schema.install(postgres.connectionString(database: "installed"))
        try postgres.query(
            """
            CREATE ROLE mailhost LOGIN IN ROLE lever_ingest;
            CREATE ROLE reader LOGIN IN ROLE lever_reader;
            CREATE ROLE administrator LOGIN IN ROLE lever_owner;
            CREATE ROLE stranger LOGIN;
            CREATE DATABASE common TEMPLATE installed;
            """)
        return postgres
    }

    /// A database without our schema.
    static func empty() throws -> StoreDatabase { try make(from: "template1") }

    /// A database with our schema that tests share, for those that look at their own companies alone.
    static func common() throws -> StoreDatabase {
        StoreDatabase(name: "common", postgres: try shared.get())
    }

    /// A database with our schema and nobody in it.
    static func installed() throws -> StoreDatabase { try make(from: "installed") }

    private static func make(from template: String) throws -> StoreDatabase {
        let postgres = try shared.get()
        let name = "test_\(UInt64.random(in: 0...UInt64.max))"
        try postgres.createDatabase("\(name) TEMPLATE \(template)")
        return StoreDatabase(name: name, postgres: postgres)
    }

    func conninfo(user: String) -> String {
        postgres.connectionString(database: name, user: user)
    }

    func administration() throws -> OwnerSession { try OwnerSession(conninfo(user: "administrator")) }
    func mailHost() throws -> IngestSession { try IngestSession(conninfo(user: "mailhost")) }
    /// A login in lever_reader that is no user of any company.
    func reader() throws -> ReaderSession { try ReaderSession(conninfo(user: "reader")) }

    /// A new user of the company, an admin unless told otherwise.
    func timeline(of tenant: Tenant, _ role: UserRole = .admin) throws -> ReaderSession {
        try timeline(of: tenant.company.id, administration(), role)
    }

    func timeline(
        of company: CompanyID, _ administration: OwnerSession, _ role: UserRole = .admin
    ) throws -> ReaderSession {
        try ReaderSession(conninfo(user: newUser(of: company, administration, role)))
    }

    /// The login of a new user with an address of that blind index.
    func newUser(
        of company: CompanyID, _ administration: OwnerSession, _ role: UserRole,
        emailIndex: [UInt8] = .random(16)
    ) throws -> String {
        let login = try newLogin(in: "lever_reader")
        try administration.addUser(login, role: role, address: .random(emailIndex, company), to: company)
        return login
    }

    /// The login of a new member of lever_rekey, lever_retention or lever_auditor with access to the company.
    func newService(_ role: String, of company: CompanyID, _ administration: OwnerSession) throws -> String {
        let login = try newLogin(in: role)
        try administration.grantAccess(login, to: company)
        return login
    }

    func audit(of company: CompanyID, _ administration: OwnerSession) throws -> AuditorSession {
        try AuditorSession(conninfo(user: newService("lever_auditor", of: company, administration)))
    }

    /// A new login in the group roles.
    func newLogin(in roles: String) throws -> String {
        let login = "login_\(UInt64.random(in: 0...UInt64.max))"
        try postgres.query("CREATE ROLE \(login) LOGIN\(roles.isEmpty ? "" : " IN ROLE \(roles)")")
        return login
    }

    func connection(user: String) throws -> Connection {
        try Connection(conninfo: conninfo(user: user), application: "tests")
    }

    /// What the superuser sees: a line a row, `|` between the columns.
    func query(_ sql: String) throws -> String {
        try postgres.query(sql, database: name)
    }

    /// The same, each row apart.
    func lines(_ sql: String) throws -> [String] {
        try query(sql).split(separator: "\n").map(String.init)
    }
}

extension IngestEntry {
    var entry: EntryID {
        get { record.entry }
        set { record.entry = newValue }
    }

    var thread: ThreadID {
        get { record.thread }
        set { record.thread = newValue }
    }

    var messageIDIndex: BlindIndex? {
        get { record.blindMessageID }
        set { record.blindMessageID = newValue }
    }

    /// The sealed message, which there must be.
    var content: Content {
        guard case .content(let content) = payload else { preconditionFailure("a record") }
        return content
    }
}

extension NewAddress {
    /// The sealed bytes are not sealed.
    static func random(_ index: [UInt8], _ company: CompanyID) -> NewAddress {
        let now = Timestamp.now()
        return NewAddress(
            profile: SealedMessage(head: .random(200), tail: .random(60)),
            binding: Binding(content: .profile, company: company, subject: 0, entry: .make(at: now), time: now),
            indices: [(1, index)])
    }
}

extension [UInt8] {
    static func random(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in .random(in: .min ... .max) }
    }
}

/// The `StoreError` that the body throws; nil if it throws none.
func storeError(of body: () throws -> Any) throws -> StoreError? {
    do {
        _ = try body()
        return nil
    } catch let error as StoreError {
        return error
    }
}

/// SQLSTATE of the `DatabaseError` that the body throws; nil if it throws none.
func sqlState(of body: () throws -> Any) throws -> String? {
    do {
        _ = try body()
        return nil
    } catch let error as DatabaseError {
        return error.sqlState ?? "no connection"
    }
}

extension Connection {
    /// One call of lever.ingest.
    @discardableResult
    func ingest(_ batch: IngestBatch) throws(DatabaseError) -> Rows {
        let type = try compositeType("lever.incoming")
        return try query("SELECT lever.ingest(\(batch.parameter(type)))")
    }
}
