public import Core

/// A tenant.
public struct CompanyRecord: Hashable, Sendable {
    public let id: CompanyID
    public let name: String
    public let provider: MailProvider
    public let sync: SyncLevel
    /// In lower case, in order.
    public let domains: [String]
    public let createdAt: Timestamp
    /// Days that messages are kept; nil for ever.
    public let retentionDays: Int?
    /// Days that rows of the delivery log are kept, and never longer than messages.
    public let deliveryDays: Int
    public let capture: CaptureMode
    /// Where mail is forwarded to, in a mode that forwards.
    public let forwardAddress: String?
    /// Outgoing messages with X-Lever-Thread get its marker into References.
    public let stamps: Bool
    public let unsignedMarkers: UnsignedMarkerPolicy
    /// Full sync is set up: the company may choose it.
    public let isFullSyncReady: Bool
}

extension CompanyRecord {
    private static let query = """
        SELECT c.company_id, c.name, c.provider, c.sync, c.created_at, c.retention_days::bigint,
            ARRAY(SELECT d.domain FROM lever.company_domain AS d WHERE d.company_id = c.company_id ORDER BY d.domain),
            c.delivery_days::bigint, c.capture, c.forward_to, c.stamp, c.unsigned_markers,
            c.full_sync_ready_at IS NOT NULL
        FROM lever.company AS c
        """

    /// Every company, in the order of names.
    static func all(_ connection: Connection) throws(DatabaseError) -> [CompanyRecord] {
        try connection.query(query + " ORDER BY c.name").map(CompanyRecord.init)
    }

    /// The company of this name or id. Throws `StoreError.unknownCompany`.
    static func find(_ nameOrID: String, _ connection: Connection) throws -> CompanyRecord {
        let rows = try connection.query(
            query + " WHERE c.name = $1 OR c.company_id = $2", .text(nameOrID), .bigint(Int64(nameOrID)))
        guard let row = rows.first else { throw StoreError.unknownCompany(nameOrID) }
        return CompanyRecord(row)
    }

    private init(_ row: Rows.Row) {
        id = CompanyID(rawValue: row.bigint(0))
        name = row.text(1)
        provider = MailProvider(rawValue: row.text(2))!
        sync = SyncLevel(rawValue: row.text(3))!
        createdAt = row.timestamp(4)
        retentionDays = row.isNull(5) ? nil : Int(row.bigint(5))
        deliveryDays = Int(row.bigint(7))
        domains = row.array(6).map { String(decoding: $0, as: UTF8.self) }
        capture = CaptureMode(rawValue: row.text(8))!
        forwardAddress = row.isNull(9) ? nil : row.text(9)
        stamps = row.boolean(10)
        unsignedMarkers = UnsignedMarkerPolicy(rawValue: row.text(11))!
        isFullSyncReady = row.boolean(12)
    }
}
