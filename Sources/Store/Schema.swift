import Core

/// The database schema: the numbered files of deploy/schema, which are built into the program. Each is applied once,
/// in order; the number of the last one is the schema's version.
public enum Schema {
    /// One file.
    struct Step {
        var name: String
        var statements: [UInt8]
    }

    static let steps = [
        Step(name: "001-roles", statements: PackageResources._01_roles_sql),
        Step(name: "002-tables", statements: PackageResources._02_tables_sql),
        Step(name: "003-routing", statements: PackageResources._03_routing_sql),
        Step(name: "004-ingest", statements: PackageResources._04_ingest_sql),
        Step(name: "005-keys", statements: PackageResources._05_keys_sql),
        Step(name: "006-access", statements: PackageResources._06_access_sql),
        Step(name: "007-audit", statements: PackageResources._07_audit_sql),
        Step(name: "008-erasure", statements: PackageResources._08_erasure_sql),
        Step(name: "009-ingest", statements: PackageResources._09_ingest_sql),
        Step(name: "010-version", statements: PackageResources._10_version_sql),
        Step(name: "011-delivery-log", statements: PackageResources._11_delivery_log_sql),
        Step(name: "012-modes", statements: PackageResources._12_modes_sql),
        Step(name: "013-ingest-sets", statements: PackageResources._13_ingest_sets_sql),
        Step(name: "014-taking-part", statements: PackageResources._14_taking_part_sql),
        Step(name: "015-conversation", statements: PackageResources._15_conversation_sql),
        Step(name: "016-sync-choice", statements: PackageResources._16_sync_choice_sql),
        Step(name: "017-sending", statements: PackageResources._17_sending_sql),
    ]

    /// The version that this program makes and works with.
    public static var version: Int { steps.count }

    /// What an installation did: from version 0 if there was no schema. Equal versions: there was nothing to do.
    public struct Change: Hashable, Sendable {
        public let from: Int
        public let to: Int
    }

    /// Brings a database to this program's version in one transaction; concurrent runs wait for each other.
    ///
    /// Throws `StoreError` if the database is of a newer version or the login may not do this, else `DatabaseError`.
    public static func install(_ conninfo: String) throws -> Change {
        try install(conninfo, steps: steps)
    }

    static func install(_ conninfo: String, steps: [Step]) throws -> Change {
        let connection = try Connection(conninfo: conninfo, application: "leverctl")
        do {
            return try connection.transaction {
                try connection.query("SELECT pg_advisory_xact_lock($1)", .bigint(lock))
                let from = try installedVersion(connection)
                guard from <= steps.count else {
                    throw StoreError.schemaVersion(found: from, expected: steps.count)
                }
                for (index, step) in steps.enumerated().dropFirst(from) {
                    try connection.execute("RESET ROLE")
                    try connection.execute(String(decoding: step.statements, as: UTF8.self))
                    try connection.query(
                        "INSERT INTO lever.schema_version (version, name) VALUES ($1, $2)",
                        .smallint(Int16(index + 1)), .text(step.name))
                }
                // Mail hosts look at once whether they still fit.
                if from < steps.count { try connection.execute("NOTIFY lever_routing") }
                return Change(from: from, to: steps.count)
            }
        } catch let error as DatabaseError where error.sqlState == "42501" {
            throw StoreError.mayNotInstall(error.message)
        }
    }

    /// "lever" in ASCII: the advisory lock of an installation.
    private static let lock: Int64 = 0x6c65766572

    private static func installedVersion(_ connection: Connection) throws -> Int {
        let exists = try connection.query("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'lever')")
        guard exists[0].boolean(0) else { return 0 }
        try connection.assume("lever_owner", locally: true)
        return try Self.version(in: connection)
    }

    static func version(in connection: Connection) throws -> Int {
        do {
            let rows = try connection.query("SELECT max(version) FROM lever.schema_version")
            return rows[0].isNull(0) ? 0 : Int(rows[0].smallint(0))
        } catch  where error.isMissingSchema {
            throw StoreError.notInstalled
        }
    }
}
