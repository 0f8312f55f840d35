import Core

/// Working as a group role, for one company at a time: what every session of a role begins with.
extension Connection {
    /// A connection of leverctl that works as a group role. Throws `StoreError` if the login is not a member of it or
    /// the schema is not of this program's version.
    static func open(
        _ conninfo: String, as role: String, timeout: Double? = nil, connectTimeout: Int? = nil
    ) throws -> Connection {
        let connection = try Connection(
            conninfo: conninfo, application: "leverctl", timeout: timeout, connectTimeout: connectTimeout)
        try connection.assume(role)
        // Nothing waits, works or stands still for ever, whatever the server has set for the login. Only an
        // administrator's transactions open addresses between their statements, or read the heads of all messages.
        let (statement, idle) = ["lever_owner", "lever_rekey"].contains(role) ? ("1h", "10min") : ("5min", "1min")
        try connection.execute(
            """
            SET lock_timeout = '10s'; SET statement_timeout = '\(statement)';
            SET idle_in_transaction_session_timeout = '\(idle)'; \(Self.noTransactionLimit)
            """)
        let version = try Schema.version(in: connection)
        guard version == Schema.version else {
            throw StoreError.schemaVersion(found: version, expected: Schema.version)
        }
        return connection
    }

    /// Ends a limit that the server has set for whole transactions (PostgreSQL 17), which would end the session with its
    /// work half done. Each statement and each pause between them has a limit of ours.
    static let noTransactionLimit = """
        SELECT set_config('transaction_timeout', '0', false) FROM pg_settings
        WHERE name = 'transaction_timeout' AND setting <> '0'
        """

    /// Works as a group role from here on, or to the end of the transaction if `locally`.
    func assume(_ role: String, locally: Bool = false) throws {
        do {
            try execute("SET \(locally ? "LOCAL " : "")ROLE \(role)")
        } catch {
            switch error.sqlState {
            case "42501": throw StoreError.notMember(role: role)
            case "22023": throw StoreError.notInstalled  // There is no such role.
            default: throw error
            }
        }
    }

    /// From here on row-level security shows the rows of this company, as far as the login has a right to them.
    func actFor(_ company: CompanyID) throws(DatabaseError) {
        try query("SELECT set_config('lever.company', \(company.description), false)")
    }
}
