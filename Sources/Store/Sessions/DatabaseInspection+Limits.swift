extension DatabaseInspection {
    /// What keeps one login from holding up or starving the others: limits of a session, and what nobody may make.
    public struct Limits: Hashable, Sendable {
        /// Settings by which a new session of this login has no limit.
        public var unlimited: [String]
        /// What every login of this database may make.
        public var liberties: [String]
        /// Whether a transaction can be left behind by its session, with its locks.
        public var allowsPreparedTransactions: Bool
        /// The part of the server's queue of notifications that is taken, from 0 to 1.
        public var notificationQueueUsage: Double

        public init(
            unlimited: [String] = [], liberties: [String] = [], allowsPreparedTransactions: Bool = false,
            notificationQueueUsage: Double = 0
        ) {
            self.unlimited = unlimited
            self.liberties = liberties
            self.allowsPreparedTransactions = allowsPreparedTransactions
            self.notificationQueueUsage = notificationQueueUsage
        }
    }

    public func limits() throws(DatabaseError) -> Limits {
        let (unlimited, temporary, large, tables, prepared, queue) = try connection.query(
            """
            SELECT array(SELECT s.name FROM pg_settings AS s WHERE s.reset_val = '0' AND s.name IN (
                    'idle_in_transaction_session_timeout', 'lock_timeout', 'statement_timeout') ORDER BY 1),
                has_database_privilege('public', current_database(), 'TEMPORARY'),
                EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = 'pg_catalog'::regnamespace
                    AND p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import')
                    AND has_function_privilege('public', p.oid, 'EXECUTE')),
                EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname !~ '^pg_'
                    AND has_schema_privilege('public', n.oid, 'CREATE')),
                current_setting('max_prepared_transactions') <> '0',
                (pg_notification_queue_usage() * 1000)::integer::bigint
            """
        ).single.decode(([String], Bool, Bool, Bool, Bool, Int).self)
        return Limits(
            unlimited: unlimited,
            liberties: [
                temporary ? "temporary tables" : nil, large ? "large objects" : nil, tables ? "tables" : nil,
            ].compactMap(\.self),
            allowsPreparedTransactions: prepared, notificationQueueUsage: Double(queue) / 1000)
    }
}
