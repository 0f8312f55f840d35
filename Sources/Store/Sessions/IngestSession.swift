public import Core

/// A mail host's session, as a member of lever_ingest: reads routing and delivers messages, which is all that the role
/// may do. For one thread.
///
/// Check `isUsable` after any error: a session that is not usable must be replaced.
public final class IngestSession {
    let connection: Connection
    /// The type of lever.ingest's argument.
    private(set) var incoming: CompositeType

    /// A statement that waits for many locks, each of them in time, is ended after so many lock time-outs.
    private static let locksPerStatement = 40.0

    /// Throws unless the connection string can be parsed. Nothing is connected.
    public static func check(conninfo: String) throws(DatabaseError) {
        try Connection.check(conninfo: conninfo)
    }

    /// Connects, and listens for changes of routing. Blocks for at most 10 seconds per server. Later a call that is not
    /// answered within `timeout` seconds ends the session.
    ///
    /// `lockTimeout`: the seconds that a statement waits for a lock at most, and a fortieth of those that it runs. A third
    /// of `timeout` unless given. The error is a `DatabaseError` that `isHoldUp`, and the session goes on.
    ///
    /// Throws as well if the schema is not of this program's version.
    public init(_ conninfo: String, timeout: Int = 90, lockTimeout: Double? = nil) throws(DatabaseError) {
        connection = try Connection(conninfo: conninfo, application: "lever-milter", timeout: Double(timeout), isMailHost: true)
        let lockLimit = min(lockTimeout ?? .infinity, Double(timeout) / 3)
        let limit = min(lockTimeout.map { $0 * Self.locksPerStatement } ?? .infinity, Double(timeout) * 2 / 3)
        // No wait may be unlimited: neither ours, nor that of others for the locks of a host that hangs. The server's
        // limits are shorter, since its error says what it was waiting for. Set in the session and not for the role, so
        // that they hold whatever the login is; the session must stay on one server process anyway, to listen.
        //
        // The spool file of a committed message is deleted, so the commit must be on the disk of the database and of
        // its synchronous standby, whatever the server's configuration is for other sessions.
        try connection.execute(
            """
            SET statement_timeout = '\(Int(limit * 1000))ms';
            SET lock_timeout = '\(Int(lockLimit * 1000))ms';
            SET idle_in_transaction_session_timeout = '\(timeout * 1000 * 2 / 3)ms';
            SELECT set_config('synchronous_commit', 'on', false)
            WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');
            SET default_transaction_isolation = 'read committed';
            \(Connection.noTransactionLimit);
            LISTEN lever_routing
            """)
        incoming = CompositeType(id: 0, array: 0)
        try requireSchema()
        incoming = try connection.compositeType("lever.incoming")
    }

    /// The descriptor that becomes readable when the server sends something: poll it, then call `routingChanged`. -1
    /// once the connection is broken.
    public var socket: Int32 { connection.socket }

    /// False once the connection is broken.
    public var isUsable: Bool { connection.isUsable }

    /// Every company with its domains and keys, in no order.
    public func routing() throws(DatabaseError) -> [Routing.Row] {
        do {
            return try connection.routing()
        } catch {
            throw error.withAdvice
        }
    }

    /// Throws, saying which side to update, unless the schema is of this program's version.
    public func requireSchema() throws(DatabaseError) {
        let version: Int
        do {
            version = Int(
                try connection.query("SELECT coalesce(max(version), 0::smallint) FROM lever.schema_version").single
                    .decode(Int16.self))
        } catch {
            throw error.withAdvice
        }
        guard version != Schema.version else { return }
        throw DatabaseError(
            message: version < Schema.version
                ? "its schema is version \(version), and this lever-milter needs \(Schema.version); run leverctl init-db"
                : "its schema is version \(version), newer than this lever-milter's \(Schema.version); install the newer "
                    + "lever-milter on this host")
    }

    /// The database's identity and log position. Nil if the server does not let this login read them. Throws if the
    /// server is read-only.
    public func history() throws(DatabaseError) -> DatabasePosition? {
        do {
            let (system, database, timeline, table, position) = try connection.query(
                """
                SELECT s.system_identifier,
                    (SELECT d.oid::bigint FROM pg_database AS d WHERE d.datname = current_database()),
                    ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint,
                    'lever.message'::regclass::oid::bigint,
                    (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint
                FROM pg_control_system() AS s
                """
            ).single.decode((Int64, Int64, Int64, Int64, Int64).self)
            return DatabasePosition(
                system: system, database: database, timeline: timeline, table: table, position: position)
        } catch  where error.sqlState == "42501" {
            return nil
        }
    }

    /// The database's state, as text. Take it before the routing is read, which then has all that it shows.
    public func routingSnapshot() throws(DatabaseError) -> String {
        try connection.query("SELECT lever.routing_snapshot()::text").single.decode(String.self)
    }

    /// Acknowledges that this host works with routing that was read after the snapshot.
    public func acknowledgeRouting(snapshot: String, host: String) throws(DatabaseError) {
        try connection.query("SELECT lever.acknowledge_routing(\(host), \(snapshot)::pg_snapshot)")
    }

    /// A message that is still on this host's disk.
    public struct HeldMessage: Hashable, Sendable {
        public var company: CompanyID
        public var entry: EntryID
        public var thread: ThreadID
        public var acceptedAt: Timestamp

        public init(company: CompanyID, entry: EntryID, thread: ThreadID, acceptedAt: Timestamp) {
            self.company = company
            self.entry = entry
            self.thread = thread
            self.acceptedAt = acceptedAt
        }
    }

    /// For each message, whether it has been erased in the database and must be deleted here too.
    public func erased(_ held: [HeldMessage]) throws(DatabaseError) -> [Bool] {
        // Not by unnest(): the planner would call the function to estimate the number of rows, and then call it again.
        try connection.query(
            """
            SELECT lever.erased(
                \(held.map(\.company)), \(held.map(\.entry)), \(held.map(\.thread)), \(held.map(\.acceptedAt)))
            """
        ).single.decode([Bool].self)
    }

    /// Whether a change of routing has been announced since the last call. Does not block.
    public func routingChanged() throws(DatabaseError) -> Bool {
        try connection.notifications().contains("lever_routing")
    }
}

extension DatabaseError {
    /// With advice if the database is not set up for a mail host.
    fileprivate var withAdvice: DatabaseError {
        guard sqlState == "42501" || isMissingSchema else { return self }
        let advice: StoreError = isMissingSchema ? .notInstalled : .notMember(role: "lever_ingest")
        return DatabaseError(sqlState: sqlState, message: advice.description)
    }
}
