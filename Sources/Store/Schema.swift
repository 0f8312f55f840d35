import Core

/// The database schema: the files of deploy/schema, which are built into the program.
public enum Schema {
    /// Everything that an installation applies, in this order: roles, membership, database, clear, checks, then tables
    /// or steps, then code and access. deploy/schema/README.md says what each is for.
    struct Files {
        var roles: File
        var membership: File
        var database: File
        var clear: File
        var checks: File
        /// For a new database.
        var tables: [File]
        /// What leads from version 1 to version 2 and so on.
        var steps: [File]
        var code: [File]
        var access: [File]

        var version: Int { 1 + steps.count }
    }

    struct File {
        var name: String
        var statements: [UInt8]
    }

    static let files = Files(
        roles: File(name: "roles", statements: PackageResources.roles_sql),
        membership: File(name: "membership", statements: PackageResources.membership_sql),
        database: File(name: "database", statements: PackageResources.database_sql),
        clear: File(name: "clear", statements: PackageResources.clear_sql),
        checks: File(name: "checks", statements: PackageResources.checks_sql),
        tables: [
            File(name: "tables/version", statements: PackageResources.version_sql),
            File(name: "tables/company", statements: PackageResources.company_sql),
            File(name: "tables/keys", statements: PackageResources.keys_sql),
            File(name: "tables/routing", statements: PackageResources.routing_sql),
            File(name: "tables/candidate", statements: PackageResources.candidate_sql),
            File(name: "tables/message", statements: PackageResources.message_sql),
            File(name: "tables/delivery", statements: PackageResources.delivery_sql),
            File(name: "tables/address", statements: PackageResources.address_sql),
            File(name: "tables/access", statements: PackageResources.access_sql),
            File(name: "tables/audit", statements: PackageResources.audit_sql),
            File(name: "tables/outbox", statements: PackageResources.outbox_sql),
            File(name: "tables/incoming", statements: PackageResources.incoming_sql),
        ],
        steps: [],
        code: [
            File(name: "code/session", statements: PackageResources.session_sql),
            File(name: "code/auditing", statements: PackageResources.auditing_sql),
            File(name: "code/opening", statements: PackageResources.opening_sql),
            File(name: "code/heads", statements: PackageResources.heads_sql),
            File(name: "code/rewrapping", statements: PackageResources.rewrapping_sql),
            File(name: "code/erasure", statements: PackageResources.erasure_sql),
            File(name: "code/retention", statements: PackageResources.retention_sql),
            File(name: "code/announcing", statements: PackageResources.announcing_sql),
            File(name: "code/ingest", statements: PackageResources.ingest_sql),
            File(name: "code/learned", statements: PackageResources.learned_sql),
            File(name: "code/consent", statements: PackageResources.consent_sql),
            File(name: "code/confirming", statements: PackageResources.confirming_sql),
            File(name: "code/sending", statements: PackageResources.sending_sql),
            File(name: "code/submitting", statements: PackageResources.submitting_sql),
        ],
        access: [
            File(name: "access/policies", statements: PackageResources.policies_sql),
            File(name: "access/grants", statements: PackageResources.grants_sql),
        ])

    /// The version that this program installs and works with.
    public static var version: Int { files.version }

    /// What an installation did: from version 0 in a database without the schema.
    public struct Change: Hashable, Sendable {
        public let from: Int
        public let to: Int
    }

    /// Brings a database to this program's version in one transaction, and renews its functions, policies and grants.
    /// Concurrent installations wait for each other.
    ///
    /// Throws `StoreError` if the database is of a newer version, in use, or the login may not do this; otherwise
    /// `DatabaseError`.
    public static func install(_ conninfo: String) throws -> Change {
        try install(conninfo, files: files)
    }

    /// `lockTimeout`: seconds to wait for a transaction that uses a table.
    static func install(_ conninfo: String, files: Files, lockTimeout: Int = 10) throws -> Change {
        let connection = try Connection(conninfo: conninfo, application: "leverctl")
        try connection.execute(Connection.noTransactionLimit)
        do {
            return try connection.transaction {
                try connection.execute("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
                let from = try installedVersion(connection, files.membership)
                guard from <= files.version else {
                    throw StoreError.schemaVersion(found: from, expected: files.version)
                }
                try connection.execute("RESET ROLE")
                for file in [files.roles, files.membership, files.database] { try connection.apply(file) }
                try connection.execute("SET LOCAL lock_timeout = '\(lockTimeout)s'")
                try connection.assume("lever_owner", locally: true)
                try connection.apply(files.clear)
                try connection.apply(files.checks)
                if from == 0 {
                    for file in files.tables { try connection.apply(file) }
                    try connection.record(version: files.version, name: "tables")
                } else {
                    for (index, step) in files.steps.enumerated() where index + 2 > from {
                        try connection.apply(step)
                        try connection.record(version: index + 2, name: step.name)
                    }
                }
                let code = [files.checks] + files.code + files.access
                for file in code.dropFirst() { try connection.apply(file) }
                let isChanged = try connection.record(code: code, version: files.version)
                // Mail hosts check at once whether their version still fits, and read the routing again.
                if from < files.version || isChanged { try connection.execute("NOTIFY lever_routing") }
                return Change(from: from, to: files.version)
            }
        } catch let error as DatabaseError where error.constraint == "pg_namespace_nspname_index" {
            // Another installation has made the schema meanwhile.
            return try install(conninfo, files: files, lockTimeout: lockTimeout)
        } catch let error as DatabaseError where error.sqlState == "LV002" {
            throw StoreError.mayNotAdminister(error.message)
        } catch let error as DatabaseError where error.sqlState == "42501" {
            throw StoreError.mayNotInstall(error.message)
        } catch let error as DatabaseError where ["55P03", "40P01"].contains(error.sqlState) {
            throw StoreError.schemaInUse(seconds: lockTimeout)
        }
    }

    /// Holds off other installations until the end of the transaction, by a lock that only lever_owner can take.
    private static func installedVersion(_ connection: Connection, _ membership: File) throws -> Int {
        let exists = try connection.query("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'lever')")
        guard exists.single.decode(Bool.self) else { return 0 }
        try connection.apply(membership)
        try connection.assume("lever_owner", locally: true)
        try connection.execute("LOCK TABLE lever.schema_version IN SHARE ROW EXCLUSIVE MODE")
        return try Self.version(in: connection)
    }

    static func version(in connection: Connection) throws -> Int {
        do {
            let rows = try connection.query("SELECT coalesce(max(version), 0::smallint) FROM lever.schema_version")
            return Int(rows.single.decode(Int16.self))
        } catch  where error.isMissingSchema {
            throw StoreError.notInstalled
        }
    }
}

extension Connection {
    fileprivate func apply(_ file: Schema.File) throws(DatabaseError) {
        try execute(String(decoding: file.statements, as: UTF8.self))
    }

    fileprivate func record(version: Int, name: String) throws(DatabaseError) {
        try query("INSERT INTO lever.schema_version (version, name) VALUES (\(Int16(version)), \(name))")
    }

    /// Records the digest of what is applied every time. Returns whether it differs from the one before.
    fileprivate func record(code: [Schema.File], version: Int) throws(DatabaseError) -> Bool {
        let digest: Query = "sha256(\(code.flatMap(\.statements)))"
        return try !query(
            """
            UPDATE lever.schema_version SET code_digest = \(digest)
            WHERE version = \(Int16(version)) AND code_digest IS DISTINCT FROM \(digest) RETURNING version
            """
        ).isEmpty
    }
}
