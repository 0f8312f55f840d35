public import Core

/// Reads the delivery log. For one thread.
///
/// An operator sees the rows of all companies that the login was given at once, and those that name no company. Others
/// name one company after the other: administrators every one, users and auditors their own.
public final class OperatorSession {
    /// What the login works as.
    public enum Role: String, Sendable {
        case `operator` = "lever_operator"
        case administrator = "lever_owner"
        case auditor = "lever_auditor"
        case reader = "lever_reader"
    }

    /// Which rows. Nil is every one.
    public struct Filter: Sendable {
        /// By the time of acceptance; `until` is not included.
        public var since: Timestamp?
        public var until: Timestamp?
        public var company: CompanyID?
        public var outcome: Outcome?
        public var direction: Direction?
        public var host: String?

        public init() {}
    }

    private let connection: Connection
    private let role: Role

    /// The login must be a member of the role, and the schema of this program's version. A server that takes longer than
    /// `timeout` seconds for an answer is given up.
    public init(_ conninfo: String, as role: Role, timeout: Double = 30) throws {
        connection = try .open(conninfo, as: role.rawValue, timeout: timeout)
        self.role = role
    }

    /// Names of the companies that the login sees, by their ids.
    public func companies() throws -> [CompanyID: String] {
        let rows = try connection.query("SELECT company_id, name FROM lever.company")
        return Dictionary(uniqueKeysWithValues: rows.map { (CompanyID(rawValue: $0.bigint(0)), $0.text(1)) })
    }

    /// The company of this name or id, if the login sees it.
    public func company(_ nameOrID: String) throws -> CompanyID {
        let companies = try companies()
        let found = companies.first { $0.value == nameOrID || $0.key.description == nameOrID }
        guard let found else { throw StoreError.unknownCompany(nameOrID) }
        return found.key
    }

    /// Every row of a queue ID, on whatever host, in the order of time.
    public func records(queueID: String) throws -> [DeliveryRecord] {
        try records(where: "queue_id = $1", [.text(queueID)])
    }

    /// Every row with one of these blind indices, in the order of time. Nil where the role may not look for them.
    public func records(messageID indices: [CompanyID: [BlindIndex]]) throws -> [DeliveryRecord]? {
        guard role == .operator || role == .administrator else { return nil }
        let wanted = indices.flatMap { company, indices in indices.map { (company, $0) } }
        return try records(
            where: """
                (company_id, index_version, message_id_index) IN (
                    SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bytea[]))
                """,
            [
                .array(wanted.map { .bigint($0.0.rawValue) }, of: .bigint),
                .array(wanted.map { .smallint(Int16($0.1.version)) }, of: .smallint),
                .array(wanted.map { .bytea($0.1.bytes) }, of: .bytea),
            ])
    }

    /// The newest rows, at most that many, in the order of time.
    public func records(_ filter: Filter, atMost limit: Int) throws -> [DeliveryRecord] {
        try Array(
            records(
                where: Self.condition, filter.parameters + [.bigint(Int64(limit))],
                order: "ORDER BY accepted_at DESC, entry_id DESC LIMIT $7"
            ).suffix(limit))
    }

    /// Rows that were written at that time or later, in the order in which they were.
    public func records(_ filter: Filter, storedSince time: Timestamp) throws -> [DeliveryRecord] {
        try records(
            where: Self.condition + " AND stored_at >= $7", filter.parameters + [.timestamp(time)]
        ).sorted { ($0.storedAt, $0.acceptedAt) < ($1.storedAt, $1.acceptedAt) }
    }

    /// The server's time: rows are written by it.
    public func now() throws -> Timestamp {
        try connection.query("SELECT clock_timestamp()")[0].timestamp(0)
    }

    private static let condition = """
        ($1 IS NULL OR accepted_at >= $1) AND ($2 IS NULL OR accepted_at < $2) AND ($3 IS NULL OR company_id = $3)
        AND ($4 IS NULL OR outcome = $4) AND ($5 IS NULL OR direction = $5) AND ($6 IS NULL OR host = $6)
        """

    private func records(
        where condition: String, _ parameters: [Parameter], order: String = ""
    ) throws -> [DeliveryRecord] {
        var records: [DeliveryRecord] = []
        func take(_ restriction: String) throws {
            records += try connection.query(
                """
                SELECT \(DeliveryRecord.columns) FROM lever.delivery WHERE \(condition) \(restriction) \(order)
                """, parameters
            ).map(DeliveryRecord.init)
        }
        if role == .operator {
            try take("")
        } else {
            for company in try companies().keys {
                try connection.actFor(company)
                try take("AND company_id = \(company.rawValue)")
            }
            if role == .administrator { try take("AND is_stray") }
        }
        return records.sorted { ($0.acceptedAt, $0.storedAt) < ($1.acceptedAt, $1.storedAt) }
    }
}

extension OperatorSession.Filter {
    fileprivate var parameters: [Parameter] {
        [
            .timestamp(since), .timestamp(until), .bigint(company?.rawValue), .text(outcome?.rawValue),
            .text(direction?.rawValue), .text(host),
        ]
    }
}
