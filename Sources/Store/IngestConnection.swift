public import Core

/// The mail host's connection: it reads routing and brings messages, which is all that its role may do. For one thread.
///
/// After any error, ask `isUsable`; a connection that is not must be replaced.
public final class IngestConnection {
    private let connection: Connection

    /// Whether a connection string can be read at all, told without connecting.
    public static func check(conninfo: String) throws(DatabaseError) {
        try Connection.check(conninfo: conninfo)
    }

    /// Connects, and listens for changes of routing. Blocks; a server that doesn't answer is given up after 10 seconds.
    public init(_ conninfo: String) throws(DatabaseError) {
        connection = try Connection(conninfo: conninfo, application: "lever-milter")
        // A host that hangs must not hold locks that others wait for, and no wait must be without end.
        try connection.execute(
            """
            SET statement_timeout = '60s';
            SET lock_timeout = '30s';
            SET idle_in_transaction_session_timeout = '60s';
            LISTEN lever_routing
            """)
    }

    /// The descriptor that turns readable when the server has something to say: poll it, then call `routingChanged`.
    /// -1 once the connection broke.
    public var socket: Int32 { connection.socket }

    /// False once the connection broke.
    public var isUsable: Bool { connection.isUsable }

    /// Every company with its domains and keys, in no order.
    public func routing() throws(DatabaseError) -> [Routing.Row] {
        let rows: Rows
        do {
            rows = try connection.query("SELECT company_id, item, name, version, value FROM lever.routing")
        } catch {
            throw error.withAdvice
        }
        return rows.compactMap { row in
            // An item that a later schema added says nothing to this program.
            guard let item = Routing.Row.Item(rawValue: row.text(1)) else { return nil }
            return Routing.Row(
                company: CompanyID(rawValue: row.bigint(0)), item: item, name: row.text(2),
                version: UInt8(row.smallint(3)), value: row.bytea(4))
        }
    }

    /// The number of the routing that the database has now. Read it before the rows: they are as new, or newer.
    public func routingGeneration() throws(DatabaseError) -> Int64 {
        try connection.query("SELECT lever.current_generation()")[0].bigint(0)
    }

    /// Tells the database that this host works with routing of this generation or a newer one.
    public func acknowledgeRouting(generation: Int64, host: String) throws(DatabaseError) {
        try connection.query("SELECT lever.acknowledge_routing($1, $2)", .text(host), .bigint(generation))
    }

    /// A message that this host still has.
    public struct Held: Hashable, Sendable {
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

    /// Which of the messages have been erased, and are to be forgotten here too. In their order.
    public func erased(_ held: [Held]) throws(DatabaseError) -> [Bool] {
        let rows = try connection.query(
            "SELECT e FROM unnest(lever.erased($1, $2, $3, $4)) WITH ORDINALITY AS u (e, position) ORDER BY position",
            .array(held.map { .bigint($0.company.rawValue) }, of: .bigint),
            .array(held.map { .uuid($0.entry) }, of: .uuid),
            .array(held.map { .bigint($0.thread.rawValue) }, of: .bigint),
            .array(held.map { .timestamp($0.acceptedAt) }, of: .timestamp))
        return rows.map { $0.boolean(0) }
    }

    /// Whether a change of routing was announced since the last call. Does not block.
    public func routingChanged() throws(DatabaseError) -> Bool {
        try connection.notifications().contains("lever_routing")
    }

    /// Stores messages and records in one transaction and returns the outcome of each, in their order. Entries that
    /// were stored before may come again.
    ///
    /// Throws `DatabaseError`, or whatever an entry's `readTail` threw; nothing is stored then. An error that is not
    /// transient is one entry's: bring them one by one to find it.
    public func ingest(_ entries: [IngestEntry]) throws -> [Outcome] {
        try connection.transaction {
            var outcomes = [Outcome?](repeating: nil, count: entries.count)
            var batch = IngestBatch()
            var waiting: [Int] = []

            func flush() throws {
                for (index, outcome) in zip(waiting, try send(batch)) { outcomes[index] = outcome }
                batch = IngestBatch()
                waiting = []
            }

            for index in Self.lockOrder(entries) {
                let entry = entries[index]
                try batch.append(entry)
                waiting.append(index)
                if batch.tailBytes >= IngestBatch.partLength { try flush() }

                guard case .content(let content) = entry.payload, content.tailLength > IngestBatch.partLength else {
                    continue
                }
                // The first part filled the batch, so the outcome is known.
                guard outcomes[index] == .captured else { continue }
                for part in 1...(content.tailLength - 1) / IngestBatch.partLength {
                    var batch = IngestBatch()
                    try batch.append(entry, content, part: part)
                    _ = try send(batch)
                }
            }
            try flush()
            return outcomes.map { $0! }
        }
    }

    /// Two hosts that bring the same mails wait for each other's dedupe keys; in one order they can't deadlock.
    private static func lockOrder(_ entries: [IngestEntry]) -> [Int] {
        let keys = entries.map { entry -> [UInt8] in
            guard case .content(let content) = entry.payload else { return [] }
            // The database takes a mail's keys from the lowest on, whichever of them is the first one.
            return content.dedupeKeys.min { $0.lexicographicallyPrecedes($1) }!
        }
        return entries.indices.sorted { one, other in
            keys[one] == keys[other] ? one < other : keys[one].lexicographicallyPrecedes(keys[other])
        }
    }

    private func send(_ batch: IngestBatch) throws(DatabaseError) -> [Outcome] {
        guard batch.count > 0 else { return [] }
        let outcomes = try connection.query(IngestBatch.statement, batch.parameters)[0].array(0)
        return try outcomes.map { name throws(DatabaseError) in
            guard let outcome = Outcome(rawValue: String(decoding: name, as: UTF8.self)) else {
                throw DatabaseError(message: "lever.ingest gave an outcome that this program does not know; update it")
            }
            return outcome
        }
    }
}

extension DatabaseError {
    /// What to do where the database is not set up for a mail host.
    fileprivate var withAdvice: DatabaseError {
        guard sqlState == "42501" || isMissingSchema else { return self }
        let advice: StoreError = isMissingSchema ? .notInstalled : .notMember(role: "lever_ingest")
        return DatabaseError(sqlState: sqlState, message: advice.description)
    }
}
