public import Core

/// A session on the delivery log. For one thread.
///
/// As lever_operator it sees the rows of every company that the login was given, and those that belong to no company.
/// The log is also open to other roles, for one company at a time: administrators for every company, users and auditors
/// for their own.
public final class OperatorSession {
    /// The role that the session works as.
    public enum Role: String, Sendable {
        case `operator` = "lever_operator"
        case administrator = "lever_owner"
        case auditor = "lever_auditor"
        case reader = "lever_reader"
    }

    /// Selects rows. Nil selects every row.
    public struct Filter: Sendable {
        /// By time of acceptance; `until` is exclusive.
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

    /// The login must be a member of the role, and the schema of this program's version. A call that is not answered
    /// within `timeout` seconds ends the connection.
    public init(_ conninfo: String, as role: Role, timeout: Double = 30) throws {
        connection = try .open(conninfo, as: role.rawValue, timeout: timeout)
        self.role = role
    }

    /// Names of the companies that the login sees, by id.
    public func companies() throws -> [CompanyID: String] {
        let companies = try connection.query("SELECT company_id, name FROM lever.company")
        return Dictionary(uniqueKeysWithValues: companies.decode((CompanyID, String).self))
    }

    /// The company of this id or name, in whatever case, if the login sees it.
    public func company(_ nameOrID: String) throws -> CompanyID {
        try CompanyName.find(nameOrID, among: companies().map { ($0.key, $0.value, $0.key) })
    }

    /// Every row of a queue ID, on any host, by time of acceptance.
    public func records(queueID: String) throws -> [DeliveryRecord] {
        try records(where: "queue_id = \(queueID)")
    }

    /// Every row with one of these blind indices, by time of acceptance. Nil if the role may not search by them.
    public func records(messageID indices: [CompanyID: [BlindIndex]]) throws -> [DeliveryRecord]? {
        guard role == .operator || role == .administrator else { return nil }
        let wanted = indices.flatMap { company, indices in indices.map { (company, $0) } }
        return try records(
            where: """
                (company_id, index_version, message_id_index) IN (
                    SELECT * FROM unnest(
                        \(wanted.map(\.0)), \(wanted.map { Int16($0.1.version) }), \(wanted.map(\.1.bytes))))
                """)
    }

    /// The newest rows, at most `limit`, by time of acceptance.
    public func records(_ filter: Filter, atMost limit: Int) throws -> [DeliveryRecord] {
        try Array(
            records(where: filter.condition, order: "ORDER BY accepted_at DESC, entry_id DESC LIMIT \(limit)")
                .suffix(limit))
    }

    /// Rows that were written at that time or later, in the order in which they were written.
    public func records(_ filter: Filter, storedSince time: Timestamp) throws -> [DeliveryRecord] {
        try records(where: "\(filter.condition) AND stored_at >= \(time)")
            .sorted { ($0.storedAt, $0.acceptedAt) < ($1.storedAt, $1.acceptedAt) }
    }

    /// The server's time, which rows are written with.
    public func now() throws -> Timestamp {
        try connection.query("SELECT clock_timestamp()").single.decode(Timestamp.self)
    }

    private func records(where condition: Query, order: Query = "") throws -> [DeliveryRecord] {
        var records: [DeliveryRecord] = []
        func take(_ restriction: Query) throws {
            records += try connection.query(
                "SELECT \(DeliveryRecord.columns) FROM lever.delivery WHERE \(condition) \(restriction) \(order)"
            ).map(DeliveryRecord.init)
        }
        if role == .operator {
            try take("")
        } else {
            for company in try companies().keys {
                try connection.actFor(company)
                try take("AND company_id = \(company)")
            }
            if role == .administrator { try take("AND is_stray") }
        }
        return records.sorted { ($0.acceptedAt, $0.storedAt) < ($1.acceptedAt, $1.storedAt) }
    }
}

extension OperatorSession.Filter {
    fileprivate var condition: Query {
        var condition: Query = "true"
        if let since { condition = "\(condition) AND accepted_at >= \(since)" }
        if let until { condition = "\(condition) AND accepted_at < \(until)" }
        if let company { condition = "\(condition) AND company_id = \(company)" }
        if let outcome { condition = "\(condition) AND outcome = \(outcome)" }
        if let direction { condition = "\(condition) AND direction = \(direction)" }
        if let host { condition = "\(condition) AND host = \(host)" }
        return condition
    }
}
